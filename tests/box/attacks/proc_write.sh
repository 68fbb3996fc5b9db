# Settings of the kernel.
for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sysrq-trigger \
	/proc/self/oom_score_adj /proc/self/uid_map /proc/self/setgroups /proc/1/oom_score_adj /proc/self/attr/current \
	/proc/sys/kernel/ns_last_pid /proc/sys/fs/binfmt_misc/register /proc/acpi/wakeup; do
	if (echo 1 >"$file") 2>/dev/null; then
		echo "escaped: wrote $file"
		exit 1
	fi
done
exit 0
