#!/bin/sh
# An own trainer in shell: hands the folder to a program of yours and turns what that prints into an answer.
#   synth search --evaluator 'command:sh docs/examples/own_trainer.sh ./my_trainer'
# my_trainer ARCHITECTURE.json LAYERS.json SEED EPOCHS prints two numbers: images that it got right, and images in all.
set -eu
trainer=$1
folder=$2 # appended by synth
value() { sed "s/.*\"$1\":\\([0-9.]*\\).*/\\1/" "$folder/request.json"; }

counts=$("$trainer" "$folder/architecture.json" "$folder/layers.json" "$(value seed)" "$(value epochs)")
echo "$counts" | awk '{ printf "{\"accuracy\": %.6f, \"samples\": %d}\n", $1 / $2, $2 }'
