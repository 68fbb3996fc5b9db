# Leaves what cannot be read, and set-uid bits.
echo x >secret; chmod 000 secret; mkdir closed; echo x >closed/file; chmod 000 closed
echo x >suid; chmod 4777 suid
exit 0
