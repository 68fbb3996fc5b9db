# Writes wherever it can think of; the runner looks for the name afterwards.
for folder in / /usr /usr/bin /etc /home /root /var/tmp /run /proc /sys /dev /lib /tmp/.. /proc/1/root/tmp /proc/self/root/usr \
	/base /oldroot /newroot "${1%/*}"; do
	if echo x 2>/dev/null >"$folder/kodelab-escaped"; then
		echo "escaped: $folder"
		exit 1
	fi
done 2>/dev/null
echo x >/tmp/kodelab-escaped
echo x >/dev/shm/kodelab-escaped
exit 0
