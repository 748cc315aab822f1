#!/usr/bin/env bash
# newer-debian.sh [--cached] PACKAGE VERSION: prints where the program of PACKAGE is, of VERSION or a later one, and fetches it
# first unless it is here already. With --cached, it fetches nothing and fails where there is none.
#
# A stable Debian may have older versions alone. The package of a newer suite is unpacked into a folder of its own, from the
# mirror that this machine's apt uses, checked by Debian's keys; nothing is installed, and apt's own lists stay as they are.
set -eu -o pipefail

cached=
if [ "$1" = --cached ]; then cached=yes && shift; fi
package=$1
version=$2

folder="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/meterkit"
program="$folder/$package-$version"
is_enough() { [ -n "$1" ] && dpkg --compare-versions "$1" ge "$version"; }

if is_enough "$(dpkg-query --show --showformat '${Version}' "$package" 2>/dev/null)" && command -v "$package"; then exit; fi
if [ -x "$program" ]; then echo "$program" && exit; fi
[ -z "$cached" ] || exit 1

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
  is_enough "$(apt-cache "${private[@]}" madison "$package" | awk 'NR == 1 { print $3 }')" || continue
  apt-get "${private[@]}" download -qq "$package/$suite" >&2
  dpkg -x "$package"_*.deb unpacked
  # In one step, for whoever else looks for it meanwhile.
  cp "unpacked/usr/bin/$package" "$program.$$"
  mv "$program.$$" "$program"
  echo "$program"
  exit
done
echo "no suite of Debian has $package $version for this machine" >&2
exit 1
