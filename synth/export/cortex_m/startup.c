/* The vector table of a Cortex-M; newlib's start does the rest. */
#include <stdint.h>

extern uint32_t stack_top;
void _mainCRTStartup(void);

/* Ends the emulator with an error. */
static void fault(void) {
  __asm__ volatile("mov r0, #0x18\n\tldr r1, =0x20023\n\tbkpt 0xab");
}

struct vectors {
  uint32_t *stack;
  void (*handlers[6])(void);
};

__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    &stack_top, {_mainCRTStartup, fault, fault, fault, fault, fault}};
