#ifndef CORE_TEXT_JOURNAL_INT_H
#define CORE_TEXT_JOURNAL_INT_H

/*
 * The journal's bytes (docs/journal-format.md): a header, then records. All numbers are little-endian or varints.
 *
 *     header   magic[8] version:u32 pid:u32 whole_len:u64 base_len:u64 base_crc:u32 path_len:u32 crc:u32 path
 *     record   len:u32 type:u8 payload[len] crc:u32
 *
 * The first whole_len bytes of records were written with the header, in one go, when the journal was made anew: they are
 * good together or not at all.
 *
 * What is known of the text is the base file (revision 0 at the start, what SAVED says later) or a TEXT record; all
 * else follows from the changes, each of which holds the bytes it took out and put in, so that it can be walked
 * both ways.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

#include "core/text/text_int.h"

#define JOURNAL_VERSION     1u
#define JOURNAL_HEADER_SIZE ((size_t)44) /* without the path */
#define JOURNAL_PID_AT      ((size_t)12) /* not under the CRC: each opener writes its own */
#define RECORD_HEAD         ((size_t)5)
#define RECORD_EXTRA        (RECORD_HEAD + 4)

enum record_type {
	RECORD_TEXT = 1, /* revision, then the whole text at it */
	RECORD_EDIT = 2, /* flags:u8 cursor_after:u64 parent cursor_before, then changes */
	RECORD_GOTO = 3, /* revision */
	RECORD_SAVING = 4, /* len:u64 crc:u32 revision + 1 (0: of none): the file is about to hold this */
	RECORD_SAVED = 5, /* the same: it does */
	RECORD_CURSOR = 6, /* offset */
};

enum edit_flags {
	EDIT_JOINS = 1 << 0, /* the changes belong to the newest revision; parent and cursor_before are 0 */
	EDIT_KIND_SHIFT = 1, /* enum kl_edit above it */
};

/* The content of a file, as far as it takes to know it again. */
struct identity {
	uint64_t len;
	uint32_t crc;
	size_t revision; /* of the text that this is; NO_REVISION: none that is remembered */
};

struct journal_header {
	uint32_t version, pid;
	struct identity base;
	const char *path; /* not terminated */
	size_t path_len;
	size_t size; /* of the header */
	size_t whole_len; /* of the records behind it that belong together */
};

/* --- journal_format.c ------------------------------------------------------------------------------------------- */

void put_header(struct kl_buf *out, const char *path, const struct identity *base, uint32_t pid);
/* Sets whole_len: all that has been put behind the header at the start of out. */
void patch_header(struct kl_buf *out);
/* KL_ECORRUPT: no journal, or damaged · KL_EINVAL: a newer version's (out->version is set). */
enum kl_status get_header(struct journal_header *out, const char *bytes, size_t len);

/* A record is built in place: begin gives where it starts, end fills in length and CRC. */
size_t record_begin(struct kl_buf *out, enum record_type type);
void record_end(struct kl_buf *out, size_t start);

void put_varint(struct kl_buf *out, uint64_t value);
void put_u64(struct kl_buf *out, uint64_t value);
void put_u32(struct kl_buf *out, uint32_t value);

/* The head of an EDIT's payload; patch_cursor sets cursor_after later. */
void put_edit_head(struct kl_buf *out, const struct revision *revision, bool joins);
void patch_cursor(struct kl_buf *out, size_t start, size_t cursor);
void put_change(struct kl_buf *out, const struct pieces *pieces, const struct change *change);
void put_identity(struct kl_buf *out, enum record_type type, const struct identity *identity);
void put_number(struct kl_buf *out, enum record_type type, uint64_t number);
void put_text(struct kl_buf *out, const struct kl_text *text);
/* The whole history of text, what its file holds, and where the cursor is: a journal's records, made anew. */
void put_everything(struct kl_buf *out, const struct kl_text *text, const struct identity *saved, size_t cursor,
		    bool with_text);

struct reader {
	const char *at, *end;
	bool bad; /* something was missing or wrong; values read since are 0 */
};

uint64_t get_varint(struct reader *reader);
uint8_t get_u8(struct reader *reader);
uint64_t get_u64(struct reader *reader);
uint32_t get_u32(struct reader *reader);
const char *get_bytes(struct reader *reader, size_t len); /* NULL: not there */
/* The next record of bytes at *offset, which moves on. False: none that is whole and right. */
bool get_record(struct reader *payload, enum record_type *type, const char *bytes, size_t len, size_t *offset);

/* --- journal_replay.c ------------------------------------------------------------------------------------------- */

struct replay {
	bool resumed; /* the text is as the journal left it */
	bool base_changed; /* the file is not one the journal knows: the text is as it was given */
	bool broken; /* so is the text here, because the journal makes no sense */
	size_t good; /* bytes of the journal that were right */
	size_t cursor;
	bool has_text; /* there is a TEXT record */
	struct identity saved;
	char *recovered; /* not resumed: the text as it was; NULL: cannot be had */
	size_t recovered_len;
};

/*
 * Replays the records of a journal (bytes, whose header has been read) into text, which holds what the file holds.
 * Never fails: what is no good is not in out->good.
 */
void journal_replay(struct replay *out, struct kl_text *text, const char *bytes, size_t len,
		    const struct journal_header *header);

#endif
