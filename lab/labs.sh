# Sourced by enter and down: finds the labs of this checkout that are up. A lab is identified by its run directory, whose
# file `pid` holds the pid and the start time of the process that everything in the lab depends on.

alive() { # run directory
    local pid started
    read -r pid started 2>/dev/null <"$1/pid" && [ "$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null)" = "$started" ]
}

labs() { # run directories of this checkout
    local run
    for run in "${TMPDIR:-/tmp}"/multi-nic-lab.*; do
        [ "$(cat "$run/checkout" 2>/dev/null)" = "$lab" ] && echo "$run"
    done
}

labs_up() {
    local run
    labs | while read -r run; do alive "$run" && echo "$run"; done
}

first_process() { # process 1 of the lab, by its pid outside
    local pid first
    alive "$1" || return 1
    read -r pid _ <"$1/pid"
    read -r first _ <"/proc/$pid/task/$pid/children" # fails as the newline is missing, but reads
    [ -n "$first" ] && echo "$first"
}
