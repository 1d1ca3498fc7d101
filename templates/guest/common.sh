# common.sh: what the guest scripts share; it is sent in front of each of them.
#
# A script arrives on the standard input of a root shell, after the variables that it works on:
#
#	limit_ms           time for all of it
#	command            what to run, or ''
#	command_limit_ms   time for that
#	nonce              what quiesce writes to the volumes
#	set -- ID MOUNT UUID SENTINEL ...    four words for each volume
#
# It answers in lines key=value between changeover=1 and end=ok, or failed=KIND TEXT and end=failed.
# What the machine's own commands said goes to stderr. Nothing runs before the last line is read:
# a script that was cut off does nothing. POSIX sh with the tools of util-linux, coreutils, findutils.
#
# Clients wait while most of this runs: what the shell can find out by itself starts no program.

set -u
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
changed=no
disks=     # found so far
read_from= # read_filesystem's last disk

say() {
	printf '%s=%s\n' "$1" "$2"
}

# fail KIND TEXT: the last thing that a script says. KIND is one of the engine's error kinds.
fail() {
	say changed "$changed"
	say failed "$1 $(printf %s "$2" | tr '\n' ' ')"
	say end failed
	exit 1
}

begin() {
	say changeover 1
	while read -r key _ effective _; do
		[ "$key" != Uid: ] || break
	done </proc/self/status
	[ "$effective" -eq 0 ] || fail denied "this is not a root shell, but user $(id -un)"
}

# A command whose connection broke may still be at work here: what changes something waits for it.
# And it comes to its end although nobody reads what it says: nothing is left stopped but mounted.
begin_alone() {
	trap : PIPE
	begin
	exec 9</run
	flock -w $((limit_ms / 1000 + 1)) 9 || fail timeout "an earlier command is still at work on this machine"
}

# Sets now, in milliseconds since boot. The kernel counts hundredths; no program is started.
clock() {
	read -r now _ </proc/uptime
	now=$((${now%.*} * 1000 + 1${now#*.}0 - 1000))
}

# resolve PATH: sets path to it without symbolic links and dots; its last parts may be missing.
resolve() {
	path=$1
	prefix=$1
	case $1/ in
	[!/]* | *//* | */./* | */../*) ;;
	*)
		while [ -n "$prefix" ] && [ ! -h "$prefix" ]; do
			prefix=${prefix%/*}
		done
		[ -n "$prefix" ] || return 0
		;;
	esac
	path=$(readlink -m "$1")
}

# each ACTION VOLUME...: calls ACTION ID MOUNT UUID SENTINEL for each volume.
each() {
	action=$1
	shift
	while [ $# -gt 0 ]; do
		resolve "$2"
		"$action" "$1" "$path" "$3" "$4"
		shift 4
	done
}

# follow LINK: sets disk to the device node that it leads to.
follow() {
	for disk in $disks; do
		[ ! "$1" -ef "$disk" ] || return 0
	done
	disk=$(readlink -f "$1")
	disks="$disks $disk"
}

# find_disk ID: sets disk to the volume's device node. By its serial and never by its name: the
# kernel numbers disks as it meets them, and two volumes may change places at any boot.
find_disk() {
	serial=vol${1#vol-}
	for node in /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"$serial" \
		/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"$serial"_1 \
		/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"$serial"-ns-1; do
		if [ -b "$node" ]; then
			follow "$node"
			return 0
		fi
	done
	for file in /sys/block/*/device/serial /sys/block/*/serial; do
		[ -r "$file" ] && read -r found <"$file" || continue
		name=${file#/sys/block/}
		disk=/dev/${name%%/*}
		if [ "$found" = "$serial" ] && [ -b "$disk" ]; then
			return 0
		fi
	done
	disk=
	return 1
}

# Why a disk may never be found, to end a message with.
why_no_disk() {
	for disk in /sys/block/xvd*; do
		if [ -e "$disk" ]; then
			printf ' (disks of Xen instances carry no volume id: use a Nitro instance type)'
			return
		fi
	done
}

# read_filesystem DISK: sets device, number, type and uuid. The filesystem is on the disk itself, or
# on the only one of its partitions that has one; type is '' if there is none. Asked again for the
# same disk it says the same: find_disk, which comes first, has seen that it is still that one.
read_filesystem() {
	[ "$1" != "$read_from" ] || return 0
	read_from=$1
	read_signature "$1"
	[ -z "$type" ] || return 0
	case $1 in
	*[0-9]) parts="$1"p[0-9]* ;;
	*) parts="$1"[0-9]* ;;
	esac
	filesystems=
	for part in $parts; do
		[ -b "$part" ] || continue
		read_signature "$part"
		[ -z "$type" ] || filesystems="$filesystems $part"
	done
	case $filesystems in
	' '*' '*) read_signature "$1" ;;
	' '*) read_signature "${filesystems# }" ;;
	*) read_signature "$1" ;;
	esac
}

read_signature() {
	device=$1
	type='' uuid=''
	while IFS='=' read -r key value; do
		case $key in
		TYPE) type=$value ;;
		UUID) uuid=$value ;;
		esac
	done <<-END
		$(blkid -p -o export "$1" 2>/dev/null)
	END
	number=$(stat -L -c '0x%t:0x%T' "$1")
	number=$((${number%:*})):$((${number#*:}))
}

# look NUMBER MOUNT: reads this shell's mounts. Sets
#	where      the first place where device NUMBER is mounted, or ''
#	here       the number of the device that is mounted at MOUNT, or ''
#	source     its name
#	writable   yes if both the mount and the filesystem are
look() {
	where='' here='' source='' writable=no
	while read -r _ _ mount_number _ point options rest; do
		case $point in
		*\\*) point=$(printf %b "$point") ;;
		esac
		if [ "$mount_number" = "$1" ]; then
			where=${where:-$point}
		fi
		[ "$point" = "$2" ] || continue
		rest=" $rest"
		rest=${rest#* - }
		here=$mount_number
		source=${rest#* }
		source=${source% *}
		case $options,${rest##* } in
		ro,* | *,ro,*) writable=no ;;
		*,ro) writable=no ;;
		*) writable=yes ;;
		esac
	done </proc/self/mountinfo
}

# find_user NUMBER: sets user to what still uses the block device, or ''. Other mount namespaces
# count (containers, services with PrivateTmp), and so does a filesystem that nobody sees any more
# but the kernel still writes: lazily unmounted, or in a namespace without processes.
find_user() {
	user=
	for file in $(grep -ls "^[0-9]* [0-9]* $1 " /proc/[0-9]*/mountinfo); do
		pid=${file#/proc/}
		pid=${pid%/mountinfo}
		read -r name <"/proc/$pid/comm" || continue
		user="mounted for $name (pid $pid)"
		return
	done
	for file in "/sys/dev/block/$1/holders"/*; do
		[ ! -e "$file" ] || user="part of ${file##*/} (device mapper, RAID or encryption)"
	done
	name=
	while IFS='=' read -r key value; do
		[ "$key" != DEVNAME ] || name=$value
	done <"/sys/dev/block/$1/uevent"
	for file in /sys/fs/*/"$name"; do
		[ ! -e "$file" ] || user="its filesystem is active in the kernel (${file%/*})"
	done
}

# report ID MOUNT: how the volume stands now.
report() {
	say volume "$1"
	if ! find_disk "$1"; then
		say present no
		return
	fi
	read_filesystem "$disk"
	look "$number" "$2"
	find_user "$number"
	say present yes
	say device "$device"
	say type "$type"
	say uuid "$uuid"
	if [ -n "$user" ]; then
		say mounted yes
	else
		say mounted no
	fi
	say place "$where"
	if [ "$here" = "$number" ]; then
		say mounted_right "$writable"
		read_sentinel "$2"
		say sentinel "$found"
	fi
}

# read_sentinel MOUNT: sets found to the nonce that was last written there, or ''.
read_sentinel() {
	found=
	[ -r "$1/.changeover-sentinel" ] || return 0
	read -r found <"$1/.changeover-sentinel"
	case $found in
	nonce=*) found=${found#nonce=} ;;
	*) found= ;;
	esac
}

# run_command LIMIT_MS COMMAND: runs it in a process group of its own and kills all of that at the
# limit. Sets took, code and timed_out; returns whether it succeeded. If not, its last words are on
# stderr. A service that it leaves behind may keep its output: that goes to a tail which lives as
# long as the service, holds 2000 bytes, and keeps nothing of ours open.
run_command() {
	pipe=/run/changeover-pipe.$$
	words=/run/changeover-words.$$
	(umask 077 && mkfifo "$pipe" && : >"$words") || fail local "could not write to /run"
	exec 7<>"$words"
	tail -c 2000 <"$pipe" >&7 2>/dev/null 9>&- &
	exec 8>"$pipe"
	rm -f "$pipe" "$words"
	thousandths=$((1000 + $1 % 1000))
	clock
	began=$now
	timeout -s KILL "$(($1 / 1000)).${thousandths#1}" /bin/sh -c "$2" \
		</dev/null >&8 2>&8 7>&- 8>&- 9>&-
	code=$?
	exec 8>&-
	clock
	took=$((now - began))
	timed_out=no
	if [ "$code" -ne 0 ]; then
		[ "$took" -lt "$1" ] || timed_out=yes
		show_words
	fi
	exec 7>&-
	[ "$code" -eq 0 ]
}

show_words() {
	tries=0
	until [ -s /proc/self/fd/7 ] || [ "$tries" -ge 10 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	cat /proc/self/fd/7 >&2
}

# fail_command NAME COMMAND: after run_command returned that it did not succeed.
fail_command() {
	if [ "$timed_out" = yes ]; then
		fail timeout "the $1 command did not end within $took ms and was killed: $2"
	fi
	fail remote "the $1 command failed with exit code $code: $2"
}
