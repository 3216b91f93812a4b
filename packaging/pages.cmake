# Writes FOLDER/man1/*.1.gz and FOLDER/bash, zsh, fish, as the program SYNTH prints them.
file(REMOVE_RECURSE ${FOLDER}/man1)
execute_process(COMMAND ${SYNTH} man --all ${FOLDER}/man1 COMMAND_ERROR_IS_FATAL ANY)
file(GLOB MAN_PAGES ${FOLDER}/man1/*.1)
# Without names and times, so that the same program gives the same package.
execute_process(COMMAND gzip -9n ${MAN_PAGES} COMMAND_ERROR_IS_FATAL ANY)
foreach(SHELL bash zsh fish)
  execute_process(COMMAND ${SYNTH} completion ${SHELL} OUTPUT_FILE ${FOLDER}/${SHELL} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
