# Boots a sandbox instance: run by its PID 1 as root, on every boot, with output to the console.
# Does what cloud-init does on EC2, in its order: host keys and the login before sshd starts, user
# data and the host keys' announcement after that, and these once per instance only.
#
# In the environment: INSTANCE_ID, INSTANCE_ADDRESS, INSTANCE_HOSTNAME, INSTANCE_USER,
# INSTANCE_PUBLIC_KEY (may be empty), INSTANCE_SSHD_PORT: 22, or another one if the sandbox stands in
# front of sshd. The user data is on descriptor 4. Runs again when the sandbox has taken the host keys away.
#
# Machines start by the hundred in tests: what the shell can do by itself starts no program.
set -u
umask 022
cloud=/var/lib/cloud/instance

read_clock() {
	now=$(date '+%b %e %H:%M:%S')
}

# Says it as cloud-init does on the console through logger(1): facility user, priority info.
announce() {
	echo "<14>$now cloud-init: $*"
}

name_host() {
	echo "$INSTANCE_HOSTNAME" > /etc/hostname
	printf '127.0.0.1 localhost\n%s %s\n' "$INSTANCE_ADDRESS" "$INSTANCE_HOSTNAME" > /etc/hosts
	[ ! -s /etc/machine-id ] || return 0
	IFS=- read -r a b c d e < /proc/sys/kernel/random/uuid
	echo "$a$b$c$d$e" > /etc/machine-id
}

make_host_keys() {
	for type in ed25519 ecdsa; do
		file=/etc/ssh/ssh_host_${type}_key
		[ -s "$file" ] || ssh-keygen -q -t "$type" -N '' -C "root@$INSTANCE_HOSTNAME" -f "$file"
	done
}

admit_user() {
	id "$INSTANCE_USER" > /dev/null 2>&1 || useradd --create-home --shell /bin/bash "$INSTANCE_USER"
	umask 337
	echo "$INSTANCE_USER ALL=(ALL) NOPASSWD:ALL" > /etc/sudoers.d/90-cloud-init-users
	umask 022
	[ -n "$INSTANCE_PUBLIC_KEY" ] || return 0
	while IFS=: read -r name _ user group _ home _; do
		[ "$name" != "$INSTANCE_USER" ] || break
	done < /etc/passwd
	umask 077
	mkdir -p "$home/.ssh"
	echo "$INSTANCE_PUBLIC_KEY" > "$home/.ssh/authorized_keys"
	umask 022
	chown "$user:$group" "$home/.ssh" "$home/.ssh/authorized_keys"
}

# Run by sshd in place of each command, behind the sandbox's door: the exit status of the command whose
# turn it is gets lost, because its session ends first.
make_session() {
	mkdir -p /run/sandbox
	: > /run/sandbox/lose-exit
	chmod 666 /run/sandbox/lose-exit
	cat > /run/sandbox/session <<'END'
#!/bin/sh
[ -n "${SSH_ORIGINAL_COMMAND-}" ] || exec "$SHELL" -l
"$SHELL" -c "$SSH_ORIGINAL_COMMAND"
status=$?
if read -r left < /run/sandbox/lose-exit; then
	[ "$left" -gt 1 ] && echo $((left - 1)) > /run/sandbox/lose-exit || : > /run/sandbox/lose-exit
	[ "$left" -gt 1 ] || kill -KILL "$PPID"
fi
exit $status
END
	chmod 755 /run/sandbox/session
}

# One that runs is from before the host keys changed. Its sessions go on.
end_old_sshd() {
	[ -s /run/sshd.pid ] || return 0
	kill "$(cat /run/sshd.pid)"
	for _ in $(seq 100); do
		[ -e /run/sshd.pid ] || break
		sleep 0.02
	done
}

start_sshd() {
	mkdir -p /run/sshd
	end_old_sshd
	if [ "$INSTANCE_SSHD_PORT" = 22 ]; then
		/usr/sbin/sshd -E /var/log/auth.log
	else
		make_session
		/usr/sbin/sshd -E /var/log/auth.log -p "$INSTANCE_SSHD_PORT" -o ListenAddress=127.0.0.1 \
			-o ForceCommand=/run/sandbox/session
	fi
}

fail_user_data() {
	read_clock
	announce "user data ended with exit code $1"
}

run_user_data() {
	script=$cloud/scripts/part-001
	mkdir -p "$cloud/scripts"
	cat <&4 > "$cloud/user-data.txt"
	read -r first < "$cloud/user-data.txt" || :
	case $first in
	'#!'*)
		install -m 700 "$cloud/user-data.txt" "$script"
		"$script" < /dev/null 4<&- || fail_user_data $?
		;;
	esac
}

# Both blocks of cloud-init's write-ssh-key-fingerprints; scripts all over look for their markers.
announce_host_keys() {
	row='#############################################################'
	read_clock
	announce "$row"
	announce '-----BEGIN SSH HOST KEY FINGERPRINTS-----'
	for file in /etc/ssh/ssh_host_*_key.pub; do
		announce "$(ssh-keygen -l -f "$file")"
	done
	announce '-----END SSH HOST KEY FINGERPRINTS-----'
	announce "$row"
	echo '-----BEGIN SSH HOST KEY KEYS-----'
	cat /etc/ssh/ssh_host_*_key.pub
	echo '-----END SSH HOST KEY KEYS-----'
}

name_host
make_host_keys
admit_user
start_sshd
exec 3<&-
if [ ! -e "$cloud/boot-finished" ]; then
	run_user_data
	announce_host_keys
	echo "$now" > "$cloud/boot-finished"
fi
