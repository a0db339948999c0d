# SPDX-License-Identifier: GPL-2.0-or-later
# The text of sequences, and what the oracle does with sequences that fail. ORACLE is the program.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "the text of a sequence is taken back and agrees" {
	"$ORACLE" --show --seed 24 > sequence
	grep -qE '^model (z1[567]|proposal)$' sequence
	run "$ORACLE" --replay sequence
	[ "$status" -eq 0 ]
	[ "$output" = agrees ]
}

@test "a seed is the same sequence each time" {
	"$ORACLE" --show --seed 77 --threads > one
	"$ORACLE" --show --seed 77 --threads > two
	cmp one two
	"$ORACLE" --show --seed 78 --threads > three
	! cmp -s one three
}

@test "faults and threads are taken from text" {
	printf '%s\n' 'model z15' 'create-vm 0 0' 'slot 0 0 0 3' 'vcpu 0' 'enable 0' 'touch 0 3 1' \
		'prepare 0 fail=destroy-cpu:1' 'disable 0' '@1 vcpu 0' '@2 perform 0' > sequence
	run "$ORACLE" --replay sequence
	[ "$status" -eq 0 ]
}

@test "an image over a page that is shared pins nothing" {
	printf '%s\n' 'model z16' 'create-vm 0 0' 'slot 0 1 1 0' 'enable 0' 'share 0 0 16' 'unpack 0' \
		'unshare 0 0 16' > sequence
	run "$ORACLE" --replay sequence
	[ "$output" = agrees ]
}

@test "a dump, a reset and a lie are taken from text" {
	printf '%s\n' 'model proposal' 'create-vm 0 0' 'slot 0 0 0 0' 'vcpu 0' 'enable 0' \
		'set-sec-parms 0' 'unpack 0' 'verify 0' 'share 0 0 3' 'dump-init 0' 'run 0 0 1' \
		'dump-state 0 0 1 0' 'dump-state 0 0 2 0' 'dump-state 0 0 1 4' 'dump-cpu 0 0 0' \
		'dump-complete 0 0 fail=dump-complete-lie:1' 'dump-complete 0 2' 'unshare-all 0' \
		'prep-reset 0' 'cpu-state 0 0 2' 'cpu-reset 0 0 2' 'cpu-state 0 0 2' \
		'prepare 0 fail=condemn-lie:1' 'unshare-all 0' 'prepare 0' 'read 0 0 3' 'perform 0' > sequence
	run "$ORACLE" --replay sequence
	[ "$output" = agrees ]
}

@test "a model is given" {
	"$ORACLE" --show --seed 24 --model proposal > one
	"$ORACLE" --show --seed 24 --model z15 > two
	[ "$(head -n 1 one) $(head -n 1 two)" = 'model proposal model z15' ]
	cmp <(tail -n +2 one) <(tail -n +2 two)
}

@test "a line that is no operation is named" {
	printf '%s\n' 'model z15' 'create-vm 0 0' 'enable 7' > sequence
	run "$ORACLE" --replay sequence
	[ "$status" -eq 2 ]
	[[ "$output" == *"line 3"* ]]
}

@test "a shard names itself in its line" {
	run --separate-stderr "$ORACLE" --seed 5 --cases 7 --shard 1/3
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.program, .seed, .shard, .cases, .failed, .failing_seeds]' <<< "$output")" = \
		'["oracle",5,"1/3",2,0,[]]' ]
}

@test "a bad shard is refused" {
	run "$ORACLE" --shard 3/3
	[ "$status" -eq 2 ]
	[[ "$output" == *"--shard 3/3"* ]]
}

@test "a model that does not exist fails, and is not taken for agreement" {
	printf '%s\n' 'model z99' 'create-vm 0 0' > sequence
	run "$ORACLE" --replay sequence
	[ "$status" -eq 1 ]
	[[ "$output" == *"no machine of model z99"* ]]
}
