# Completion of aiprof for bash. Jobs, options and names come from the program itself.

# The jobs after "aiprof $1": those of `aiprof --help`, or of `aiprof hw --help`.
_aiprof_jobs() {
  aiprof ${1:+"$1"} --help 2>/dev/null | sed -n "s/^  aiprof ${1:+$1 }\\([a-z][a-z-]*\\).*/\\1/p"
}

_aiprof_options() {
  aiprof "$@" --help 2>/dev/null |
    sed -n 's/^ *\(-[a-z], *\)\{0,1\}\(--[a-z][a-z-]*\).*/\2/p'
}

_aiprof_hardware() {
  aiprof hw list 2>/dev/null | sed -n '1!s/ .*//p'
}

# The names that the help of an option lists: "table, json, csv (default: table)".
_aiprof_values() {
  local option=$1
  shift
  aiprof "$@" --help 2>/dev/null |
    sed -n "s/^ *\\(-[a-z], *\\)\\{0,1\\}$option [A-Z|]*  *//p" |
    sed 's/^.*launched: //; s/, or .*//; s/ *(.*//; s/,//g'
}

_aiprof() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local job=() words
  if [[ $COMP_CWORD -gt 1 ]] && _aiprof_jobs | grep -qxe "${COMP_WORDS[1]}"; then
    job=("${COMP_WORDS[1]}")
    if [[ $COMP_CWORD -gt 2 ]] && _aiprof_jobs "${job[0]}" | grep -qxe "${COMP_WORDS[2]}"; then
      job+=("${COMP_WORDS[2]}")
    fi
  fi
  COMPREPLY=()
  case $previous in
    --hw) words=$(_aiprof_hardware) ;;
    --format | --runtime) words=$(_aiprof_values "$previous" "${job[@]}") ;;
    --group-by) words="op_type block" ;;
    *)
      if [[ $current == -* ]]; then
        words=$(_aiprof_options "${job[@]}")
      elif [[ ${#job[@]} -eq 0 && $COMP_CWORD -eq 1 ]]; then
        words=$(_aiprof_jobs)
      elif [[ ${#job[@]} -eq 1 && $COMP_CWORD -eq 2 ]]; then
        words=$(_aiprof_jobs "${job[0]}")
      elif [[ ${job[0]} == hw ]]; then
        words=$(_aiprof_hardware)
      fi
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $current != -* && $previous != --format && $previous != --group-by ]]; then
    local file
    while IFS= read -r file; do
      [[ $file == .* && $current != .* ]] || COMPREPLY+=("$file")
    done < <(compgen -f -- "$current")
  fi
}

complete -o filenames -F _aiprof aiprof
