#!/usr/bin/env bash
# Prints where a Prometheus 3 is, and fetches it first unless it is here already. With --cached, it fetches nothing and
# fails where there is none.
#
# A stable Debian may have Prometheus 2 alone. The package of a newer suite is unpacked into a folder of its own, from the
# mirror that this machine's apt uses, checked by Debian's keys; nothing is installed, and apt's own lists stay as they are.
set -eu -o pipefail

folder="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/meterkit"
program="$folder/prometheus-3"

is_3() { "$1" --version 2>&1 | grep -q '^prometheus, version 3\.'; }

for found in "$(command -v prometheus || true)" "$program"; do
  if [ -n "$found" ] && is_3 "$found"; then
    echo "$found"
    exit
  fi
done
[ "${1:-}" != --cached ] || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work/lists/partial" "$work/cache/archives/partial"
mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/$' | head -n 1)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
cd "$work"
for suite in trixie forky sid; do
  echo "deb [signed-by=$keys] ${mirror:-http://deb.debian.org/debian/} $suite main" >sources.list
  private=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
  apt-get "${private[@]}" update -qq >&2
  apt-cache "${private[@]}" madison prometheus | grep -q '| *3\.' || continue
  apt-get "${private[@]}" download -qq "prometheus/$suite" >&2
  dpkg -x prometheus_*.deb unpacked
  is_3 unpacked/usr/bin/prometheus
  # In one step, for whoever else looks for it meanwhile.
  cp unpacked/usr/bin/prometheus "$program.$$"
  mv "$program.$$" "$program"
  echo "$program"
  exit
done
echo 'no suite of Debian has Prometheus 3 for this machine' >&2
exit 1
