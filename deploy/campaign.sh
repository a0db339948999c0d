#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A campaign on this machine, cut into shards that GNU parallel runs side by side:
#
#	deploy/campaign.sh [OPTION]... PROGRAM [ARGUMENT]... > campaign.jsonl
#	build/vmm/protvirt report campaign.jsonl
#
#	-n N   shards, 4 a processor if not given: a short one makes room for the next
#	-j J   how many at a time, one a processor if not given
#	-s S   seed of the campaign, random if not given
#
# PROGRAM takes --shard I/N --seed S and writes a line of JSON: docs/campaigns.md. With machines
# behind ssh, PARALLEL="--sshlogin a,b" in the environment makes parallel use them.
set -eu

fail() {
	echo "campaign.sh: $1" >&2
	exit 2
}

number() { # OPTION VALUE
	case $2 in
	'' | *[!0-9]*) fail "$1 $2: must be a number" ;;
	esac
}

jobs=$(nproc)
shards=$((jobs * 4))
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
while getopts n:j:s: option; do
	case $option in
	n) number -n "$OPTARG"; shards=$OPTARG ;;
	j) number -j "$OPTARG"; jobs=$OPTARG ;;
	s) number -s "$OPTARG"; seed=$OPTARG ;;
	*) fail "valid are -n SHARDS, -j JOBS, -s SEED and a program with its arguments" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || fail "a program is needed, as build/tests/oracle/oracle --cases 100000"
[ "$shards" -gt 0 ] || fail "-n 0: must be 1 or more"
[ "$jobs" -gt 0 ] || fail "-j 0: must be 1 or more"

echo "campaign.sh: seed $seed, $shards shards" >&2
# Each shard's output comes in one piece when it ends; the exit status says whether one failed.
seq 0 $((shards - 1)) |
	parallel --will-cite --quote --jobs "$jobs" --halt never "$@" --shard "{}/$shards" --seed "$seed"
