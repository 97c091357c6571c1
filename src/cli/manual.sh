#!/bin/sh
# Writes the manual page from what `aiprof --help` and `aiprof JOB --help` say, so that it cannot
# differ from the program. Usage: manual.sh PROGRAM VERSION >aiprof.1
set -eu
program=$1
version=$2

# One help text as roff: options become tagged paragraphs, headings ("Output:") bold lines. What
# stands behind "Other jobs" is left to the sections below.
to_roff='
function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  return text ~ /^[.\047]/ ? "\\&" text : text
}
/^Other jobs/ { exit }
/^ *$/ { if (!blank) print ".PP"; blank = 1; next }
{ blank = 0 }
/^(Positionals|Options|[A-Z][a-z ]*):$/ { sub(/:$/, ""); print ".PP\n.B " roff($0); next }
/^Usage:/ { sub(/^Usage: */, ""); if ($0 != "") print ".PP\n.B " roff($0) "\n.PP"; next }
/^  +[^ ]/ {
  sub(/^ +/, "")
  at = match($0, /   */)
  print ".TP\n.B " roff(at ? substr($0, 1, at - 1) : $0)
  if (at) print roff(substr($0, at + RLENGTH))
  next
}
{ print roff($0) }'

jobs_of() {
  "$program" "$@" --help | sed -n "s/^  aiprof ${1:+$1 }\\([a-z][a-z-]*\\).*/\\1/p"
}

section() {
  echo ".SS aiprof $*"
  "$program" "$@" --help | awk "$to_roff"
}

cat <<EOF
.TH AIPROF 1 "" "aiprof $version" "User Commands"
.SH NAME
aiprof \\- AI workload profiler and roofline analyzer for ONNX models
.SH SYNOPSIS
.B aiprof
.I MODEL
.RB [ \\-\\-hw
.IR NAME | FILE ]...
.RI [ options ]
.br
.B aiprof
.I JOB
.RI [ arguments ]
.SH DESCRIPTION
EOF
"$program" --help | awk "$to_roff"
echo ".SH JOBS"
for job in $(jobs_of); do
  parts=$(jobs_of "$job")
  [ -n "$parts" ] || section "$job"
  for part in $parts; do section "$job" "$part"; done
done
cat <<'EOF'
.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
a limit was broken
.TP
.B 2
what was typed is wrong: flags, names, values, also a dim or input that the model does not have
.TP
.B 3
what a file contains is wrong, or it cannot be read
.TP
.B 4
cannot decide: unknown shapes or operators that are not modelled
.TP
.B 70
a bug in aiprof
.SH ENVIRONMENT
.TP
.B NO_COLOR
if set and not empty, no colour on terminals either
.TP
.B COLUMNS
the width of tables, at least 60; default: that of the terminal, 80 in a pipe
EOF
