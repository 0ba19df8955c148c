#!/bin/sh
# embed.sh FILE: the file as a C array on standard output, named after its base name, with a
# NUL after it that its _len does not count.
set -eu
name=$(basename "$1" | tr '.-' '__')
printf 'static const unsigned char %s[] = {\n' "$name"
od -An -v -tu1 "$1" | sed 's/  */,/g; s/^,//; s/$/,/'
printf '0};\nstatic const unsigned %s_len = sizeof %s - 1;\n' "$name" "$name"
