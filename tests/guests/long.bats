# SPDX-License-Identifier: GPL-2.0-or-later
# What takes its time: the shortest watchdog is 15 seconds.

@test "watchdog: a guest that does not report is restarted" {
    run "$PROTVIRT" run -m 64M --reboots 1 -p expire "$GUESTS/watchdog.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'all answers as they should be' <<<"$output")" -eq 2 ]
}
