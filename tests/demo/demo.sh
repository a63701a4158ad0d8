#!/usr/bin/env bash
# A cluster's whole life against an emulated AWS, through the real binary. Needs what `make demo` makes: the binary and .venv.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
account=123456789012
bin=${CARGO_TARGET_DIR:-target}/debug
# The binary is found by its name, so that a command can be shown as it would be typed.
PATH=$(cd "$bin" && pwd):$PATH
work=$(mktemp -d)

# What the demo itself says, wherever the output of a command goes.
exec 3>&1

say() { printf '\n== %s\n' "$*" >&3; }

# Shows a command and runs it.
show() {
  printf '\n$ %s\n' "$*" >&3
  "$@"
}

# Shows and runs the provisioner, and demands the exit status given first.
provisioner() {
  local expected=$1 status=0
  shift
  printf '\n$ aws-ecs-cluster %s\n' "$*" >&3
  aws-ecs-cluster --dir "$work/massdriver" "$@" || status=$?
  if [ "$status" -ne "$expected" ]; then
    printf 'demo: aws-ecs-cluster %s ended with status %s, not %s\n' "$*" "$status" "$expected" >&2
    exit 1
  fi
}

# The emulator serves until its standard input closes, which this shell's end does, however it comes.
coproc EMULATOR { exec .venv/bin/python tests/emulator/serve.py 2>"$work/emulator.log"; }
emulator=$EMULATOR_PID
finish() {
  local status=$?
  [ -z "${agents:-}" ] || exec {agents}>&-
  kill "$emulator" 2>/dev/null || true
  wait "$emulator" 2>/dev/null || true
  [ "$status" -eq 0 ] || { printf '\ndemo: failed; the last words of the emulator:\n' >&2; tail -n 5 "$work/emulator.log" >&2; }
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

read -r -u "${EMULATOR[0]}" endpoint || { echo 'demo: the emulator did not start' >&2; exit 1; }
say "An emulated AWS at $endpoint: account $account, with a VPC and two public DNS zones"
.venv/bin/python tests/emulator/seed.py --endpoint "$endpoint" --account "$account" --dir "$work/massdriver"

export AWS_ENDPOINT_URL=$endpoint AWS_ACCESS_KEY_ID=$account AWS_SECRET_ACCESS_KEY=x AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN MASSDRIVER_DEPLOYMENT_ACTION MASSDRIVER_TOKEN

# The emulated machines run no ECS agent: this joins them to their cluster in its place. Its input ends with this shell too.
exec {agents}> >(exec .venv/bin/python tests/emulator/agent.py --endpoint "$endpoint" --account "$account" 3>&-)

say 'The inputs alone'
provisioner 0 validate

say 'What would be made'
provisioner 0 plan

say 'Making it'
started=$SECONDS
# With REPORT set to a file, the run's report is kept there.
provisioner 0 provision ${REPORT:+--report "$REPORT"} >"$work/artifact.json"
made=$((SECONDS - started))

say 'The artifact, which the apps read'
show cat "$work/artifact.json"

say 'The artifact of the cluster as it stands'
provisioner 0 artifact >"$work/standing.json"
show diff -s "$work/artifact.json" "$work/standing.json"

say 'Once more: nothing to do'
provisioner 0 provision >/dev/null
provisioner 0 plan --detailed-exitcode

say 'Decommissioning it, and once more'
started=$SECONDS
provisioner 0 decommission --yes
unmade=$((SECONDS - started))
provisioner 0 decommission --yes

say 'Done'
printf 'Created in %s s, nothing to do the second time, decommissioned in %s s, nothing left to delete.\n' "$made" "$unmade"
