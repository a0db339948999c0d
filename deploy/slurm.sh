#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A campaign as a Slurm job array, a shard a task:
#
#	sbatch --array=0-63 --export=ALL,SEED=1,PROTVIRT=/shared/protvirt deploy/slurm.sh oracle --cases 10000000
#	cat campaign-*.jsonl | protvirt report -
#
# Nothing has to come back in order, and a task that is run again overwrites its line.
#SBATCH --job-name=protvirt-campaign
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=24:00:00
#SBATCH --output=campaign-%A-%a.log
set -eu

: "${SEED:?the seed of the campaign, the same for every task}"
: "${PROTVIRT:?the directory of the build, seen by every node}"
: "${SLURM_ARRAY_TASK_ID:?this runs as a task of an array: sbatch --array=0-63}"
: "${SLURM_ARRAY_TASK_COUNT:?}" "${SLURM_ARRAY_JOB_ID:?}"

name=${1:?oracle, kill or failnth, then its arguments}
shift
case $name in
oracle) program=$PROTVIRT/tests/oracle/oracle ;;
kill) program=$PROTVIRT/tests/kill/test-kill ;;
failnth) program=$PROTVIRT/tests/failnth/test-failnth ;;
*)
	echo "slurm.sh: $name: valid are oracle, kill and failnth" >&2
	exit 2
	;;
esac

line=campaign-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID.jsonl
status=0
"$program" "$@" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --seed "$SEED" > "$line.part" || status=$?
mv "$line.part" "$line"
exit "$status"
