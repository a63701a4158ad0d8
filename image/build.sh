#!/bin/sh
# Builds the image with whichever tool is here and at work: build.sh NAME. What it may weigh is checked in the Dockerfile.
# It is built for amd64 whatever this machine is, so that a laptop with an arm64 processor does not push what the platform cannot start;
# PLATFORM=linux/arm64 builds it for other machines.
set -eu
cd "$(dirname "$0")/.."
platform=${PLATFORM:-linux/amd64}

if docker info >/dev/null 2>&1; then
  set -- docker build --platform "$platform" --tag "$1"
elif command -v podman >/dev/null; then
  set -- podman build --platform "$platform" --tag "$1"
elif command -v buildah >/dev/null; then
  set -- buildah build --platform "$platform" --tag "$1"
else
  echo 'build.sh: none of docker (with its daemon), podman and buildah is at work here: install one of them' >&2
  exit 1
fi
echo "$*" >&2
exec "$@" .
