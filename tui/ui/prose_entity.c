/* Entities of Markdown that statements use, and numeric ones. */
#include "prose_int.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include <kodelab/alloc.h>

/* clang-format off */
static const struct {
	const char *name, *text;
} entities[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&apos;", "'" }, { "&nbsp;", " " },
	{ "&le;", "≤" }, { "&ge;", "≥" }, { "&ne;", "≠" }, { "&times;", "×" }, { "&divide;", "÷" }, { "&minus;", "−" },
	{ "&plusmn;", "±" }, { "&middot;", "·" }, { "&deg;", "°" }, { "&infin;", "∞" }, { "&sum;", "∑" }, { "&radic;", "√" },
	{ "&larr;", "←" }, { "&rarr;", "→" }, { "&uarr;", "↑" }, { "&darr;", "↓" }, { "&hellip;", "…" }, { "&ndash;", "–" },
	{ "&mdash;", "—" }, { "&copy;", "©" }, { "&laquo;", "«" }, { "&raquo;", "»" }, { "&pi;", "π" }, { "&euro;", "€" },
};
/* clang-format on */

static size_t numeric(char utf8[PROSE_ENTITY_MAX], const char *name, size_t len)
{
	char digits[16] = "";
	bool is_hex;
	unsigned long code;

	if (len < 4 || len > sizeof(digits) || name[1] != '#')
		return 0;
	is_hex = (name[2] | 0x20) == 'x';
	memcpy(digits, name + 2 + is_hex, len - 3 - is_hex);
	code = strtoul(digits, NULL, is_hex ? 16 : 10);
	if (code == 0 || code > 0x10ffff || !utf8proc_codepoint_valid((utf8proc_int32_t)code))
		return 0;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)utf8);
}

size_t prose_entity(char utf8[PROSE_ENTITY_MAX], const char *name, size_t len)
{
	for (size_t i = 0; i < KL_LENGTH(entities); i++) {
		size_t size = strlen(entities[i].text);

		if (strlen(entities[i].name) == len && memcmp(entities[i].name, name, len) == 0) {
			memcpy(utf8, entities[i].text, size);
			return size;
		}
	}
	return numeric(utf8, name, len);
}
