# SPDX-License-Identifier: GPL-2.0-or-later
# Campaigns on many machines: what deploy/ holds, and protvirt report. ORACLE, FAILNTH, PROTVIRT and
# TREE come from the build.

bats_require_minimum_version 1.5.0

LINE='{"program":"oracle","seed":1,"shard":"0/2","cases":10,"failed":0,"failing_seeds":[],"seconds":1.5}'

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
}

# ---- shards ----

@test "the shards of a campaign are the campaign" {
	run --separate-stderr "$TREE/deploy/campaign.sh" -n 3 -j 2 -s 7 "$ORACLE" --cases 10
	[ "$status" -eq 0 ]
	echo "$output" > lines
	[ "$(wc -l < lines)" -eq 3 ]
	[ "$(jq -s 'map(.cases) | add' lines)" -eq 10 ]
	[ "$(jq -s -c 'map(.shard) | sort' lines)" = '["0/3","1/3","2/3"]' ]
	[ "$(jq -s 'map(.seed) | unique | length' lines)" -eq 1 ]
	run "$PROTVIRT" report lines
	[ "$status" -eq 0 ]
	[[ "${lines[1]}" =~ ^oracle\ +3\ +10\ +0\  ]]
}

@test "a failing shard fails the campaign, and the others end" {
	printf '#!/bin/sh\n[ "$2" = 1/3 ] && exit 1\necho "$2"\n' > program
	chmod +x program
	run --separate-stderr "$TREE/deploy/campaign.sh" -n 3 -j 1 -s 7 ./program
	[ "$status" -ne 0 ]
	[ "$(sort <<< "$output")" = "$(printf '0/3\n2/3')" ]
}

@test "the GNU parallel line says what is wrong with its options" {
	run "$TREE/deploy/campaign.sh" -n x true
	[ "$status" -eq 2 ]
	[[ "$output" == *"-n x"* ]]
	run "$TREE/deploy/campaign.sh" -n 2
	[ "$status" -eq 2 ]
}

@test "fail-nth: one case is repeated by its seed" {
	for model in z15 z17; do
		run --separate-stderr "$FAILNTH" "$model" --seed 65537 --cases 1
		[ "$status" -eq 0 ]
		[ "$(jq -c '[.program, .cases, .failed]' <<< "$output")" = "[\"failnth-$model\",1,0]" ]
	done
	run "$FAILNTH" z15 --seed 4278190081 --cases 1
	[ "$status" -eq 2 ]
}

# ---- slurm, kubernetes ----

@test "the Slurm script runs its shard" {
	bash -n "$TREE/deploy/slurm.sh"
	mkdir -p build/tests/oracle
	ln -s "$ORACLE" build/tests/oracle/oracle
	SEED=3 PROTVIRT=$PWD/build SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 \
		SLURM_ARRAY_JOB_ID=9 "$TREE/deploy/slurm.sh" oracle --cases 8
	[ "$(jq -c '[.seed, .shard, .cases]' campaign-9-1.jsonl)" = '[3,"1/4",2]' ]
}

@test "the Slurm script wants a seed" {
	run env -u SEED "$TREE/deploy/slurm.sh" oracle
	[ "$status" -ne 0 ]
	[[ "$output" == *SEED* ]]
}

@test "the Kubernetes manifest is an Indexed Job with as many shards as pods" {
	python3 - "$TREE/deploy/kubernetes.yaml" <<- END
		import sys, yaml
		job = yaml.safe_load(open(sys.argv[1]))
		assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
		spec = job["spec"]
		assert spec["completionMode"] == "Indexed"
		pod = spec["template"]["spec"]
		assert pod["restartPolicy"] == "Never"
		env = {e["name"]: e["value"] for e in pod["containers"][0]["env"]}
		assert int(env["SHARDS"]) == spec["completions"] >= spec["parallelism"]
		assert all(isinstance(value, str) for value in env.values())
		open("script", "w").write(pod["containers"][0]["args"][0])
	END
	sh -n script
}

@test "the pod's script runs its shard" {
	python3 -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["spec"]["template"]["spec"]["containers"][0]["args"][0])' \
		"$TREE/deploy/kubernetes.yaml" | sed "s,/protvirt/tests/oracle/oracle,$ORACLE," > script
	run --separate-stderr env CASES=6 SHARDS=3 SEED=2 JOB_COMPLETION_INDEX=2 sh -e script
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.seed, .shard, .cases]' <<< "$output")" = '[2,"2/3",2]' ]
}

# ---- report ----

@test "report: sums up, and names failing seeds once" {
	echo "$LINE" > a.jsonl
	echo '{"program":"oracle","seed":1,"shard":"1/2","cases":10,"failed":2,"failing_seeds":[9,4],"seconds":2,"detail":"x"}' > b.jsonl
	echo '{"program":"kill","seed":1,"shard":"0/1","cases":3,"failed":1,"failing_seeds":[5],"seconds":1}' >> b.jsonl
	run "$PROTVIRT" report a.jsonl b.jsonl b.jsonl
	[ "$status" -eq 1 ]
	[[ "${lines[1]}" =~ ^kill\ +2\ +6\ +2\ +2.0$ ]]
	[[ "${lines[2]}" =~ ^oracle\ +3\ +30\ +4\ +5.5$ ]]
	[ "${lines[3]}" = "kill fails: --seed 5 --cases 1" ]
	[ "${lines[4]}" = "oracle fails: --seed 4 --cases 1" ]
	[ "${lines[5]}" = "oracle fails: --seed 9 --cases 1" ]
	[ "${#lines[@]}" -eq 6 ]
}

@test "report --json: the same for programs, from standard input" {
	echo "$LINE" > a.jsonl
	echo '{"program":"oracle","seed":1,"shard":"1/2","cases":10,"failed":1,"failing_seeds":[9],"seconds":2}' >> a.jsonl
	run --separate-stderr "$PROTVIRT" report --json - < a.jsonl
	[ "$status" -eq 1 ]
	[ "$output" = '{"program":"oracle","shards":2,"cases":20,"failed":1,"failing_seeds":[9],"milliseconds":3500}' ]
}

refused() { # LINE MESSAGE
	printf '%s\n%s\n' "$LINE" "$1" > bad.jsonl
	run "$PROTVIRT" report bad.jsonl
	[ "$status" -eq 1 ]
	[ "$output" = "protvirt report: bad.jsonl: line 2: $2" ]
}

@test "report: a line that is none of a campaign is named" {
	refused 'nonsense' 'not a JSON object'
	refused '[1]' 'not a JSON object'
	refused "$LINE $LINE" 'not a JSON object'
	refused "${LINE/\"seed\":1,/}" 'field seed is missing or wrong'
	refused "${LINE/\"oracle\"/7}" 'field program is missing or wrong'
	refused "${LINE/0\/2/2\/2}" 'field shard is missing or wrong'
	refused "${LINE/\"cases\":10/\"cases\":-1}" 'field cases is missing or wrong'
	refused "${LINE/\"cases\":10/\"cases\":1.5}" 'field cases is missing or wrong'
	refused "${LINE/\"failed\":0/\"failed\":1}" 'field failing_seeds is missing or wrong'
	refused "${LINE/[]/[1]}" 'field failing_seeds is missing or wrong'
	refused "${LINE/[]/[\"1\"]}" 'field failing_seeds is missing or wrong'
	refused "${LINE/1.5/null}" 'field seconds is missing or wrong'
}

@test "report: no file, a missing one, an empty one" {
	run "$PROTVIRT" report
	[ "$status" -eq 2 ]
	run "$PROTVIRT" report nothing.jsonl
	[ "$status" -eq 1 ]
	[[ "$output" == *"nothing.jsonl: No such file"* ]]
	: > empty
	run "$PROTVIRT" report empty
	[ "$status" -eq 1 ]
}
