/* What stands between us and libsodium: published vectors, and memory that is dumped nowhere. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* NIST's vector for AES-256-GCM, test case 16 of the GCM specification, and draft-irtf-cfrg-xchacha A.3.1. */
static void known_answers(void **state)
{
	static const unsigned char aes_key[] = { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
						 0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
						 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 };
	static const unsigned char aes_nonce[] = { 0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
						   0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88 };
	static const unsigned char extra[] = { 0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
					       0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2 };
	static const unsigned char text[] = { 0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
					      0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
					      0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
					      0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
					      0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39 };
	static const unsigned char tag[] = { 0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e, 0x17, 0x68,
					     0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b };
	static const unsigned char x_tag[] = { 0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79,
					       0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49 };
	static const char x_text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
				     "the future, sunscreen would be it.";
	static const unsigned char x_extra[] = {
		0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7
	};
	struct kl_aead_use aes = { KL_AEAD_AES256GCM, aes_key, aes_nonce, extra, sizeof(extra) };
	struct kl_aead_use xchacha = { KL_AEAD_XCHACHA20POLY1305, NULL, NULL, x_extra, sizeof(x_extra) };
	unsigned char key[KL_AEAD_KEY_SIZE], nonce[KL_AEAD_NONCE_MAX], sealed[200];

	(void)state;
	if (kl_aead_available(KL_AEAD_AES256GCM)) {
		kl_aead_seal(sealed, &aes, text, 60);
		assert_memory_equal(sealed + 60, tag, sizeof(tag));
	}
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(0x80 + i);
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (unsigned char)(0x40 + i);
	xchacha.key = key;
	xchacha.nonce = nonce;
	kl_aead_seal(sealed, &xchacha, x_text, strlen(x_text));
	assert_memory_equal(sealed + strlen(x_text), x_tag, sizeof(x_tag));
}

static void the_process_does_not_dump(void **state)
{
	struct rlimit core = { 1, 1 };
	char *secret;
	pid_t pid;
	int status;

	(void)state;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		secret = kl_secret_copy("x", 1);
		getrlimit(RLIMIT_CORE, &core);
		_exit(prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 && secret[1] == '\0' ? 0
														   : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(the_process_does_not_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
