# Completion of aiprof for fish. Jobs, options and names come from the program itself.

function __aiprof_jobs
    aiprof $argv --help 2>/dev/null | string match -rg "^  aiprof $argv ?([a-z][a-z-]*)"
end

# The job that has been typed, such as `hw show`; nothing for the main one.
function __aiprof_job
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge 1; or return
    contains -- $words[1] (__aiprof_jobs); or return
    echo $words[1]
    test (count $words) -ge 2; and contains -- $words[2] (__aiprof_jobs $words[1]); and echo $words[2]
end

function __aiprof_options
    aiprof (__aiprof_job) --help 2>/dev/null | string match -rg '^ *(?:-[a-z], *)?(--[a-z][a-z-]*)'
end

function __aiprof_hardware
    aiprof hw list 2>/dev/null | string match -rg '^([a-z0-9][^ ]*)' | string match -v id
end

# The names that the help of an option lists: "table, json, csv (default: table)".
function __aiprof_values
    aiprof (__aiprof_job) --help 2>/dev/null | string match -rg "^ *(?:-[a-z], *)?$argv[1] [A-Z|]* +(.*)" |
        string replace -r '^.*launched: ' '' | string replace -r ', or .*| *\(.*' '' | string split ', '
end

function __aiprof_previous
    set -l words (commandline -opc)
    contains -- $words[-1] $argv
end

complete -c aiprof -n 'test (count (commandline -opc)) -eq 1' -a '(__aiprof_jobs)'
complete -c aiprof -n 'test (count (commandline -opc)) -eq 2' -a '(__aiprof_jobs (__aiprof_job))'
complete -c aiprof -n 'string match -q -- "-*" (commandline -ct)' -a '(__aiprof_options)'
complete -c aiprof -n '__aiprof_previous --hw show lint' -a '(__aiprof_hardware)'
complete -c aiprof -n '__aiprof_previous --format' -f -a '(__aiprof_values --format)'
complete -c aiprof -n '__aiprof_previous --runtime' -a '(__aiprof_values --runtime)'
complete -c aiprof -n '__aiprof_previous --group-by' -f -a 'op_type block'
