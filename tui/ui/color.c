/*
 * Nearest colours by distance in OKLab (Björn Ottosson, 2020), where equal steps look equal: red never turns into the
 * brown that has closer numbers.
 */
#include "color.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include <kodelab/alloc.h>

static const char *const color_names[] = { "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white" };

/* What the first 16 colours usually are (xterm); people change them, so 256 colours are sought among the others. */
static const uint32_t base_colors[16] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x1e4fd0, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff5f5f, 0x00ff00, 0xffff00, 0x6c8cff, 0xff5fff, 0x00ffff, 0xffffff,
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool parse_hex(uint32_t *value, const char *text, size_t len)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = strchr(digits, text[i] >= 'A' && text[i] <= 'F' ? text[i] | 0x20 : text[i]);

		if (!digit || !*digit)
			return false;
		*value = *value << 4 | (uint32_t)(digit - digits);
	}
	return len == 6;
}

static bool parse_number(uint32_t *value, const char *text, size_t len)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (uint32_t)(text[i] - '0');
	}
	return len >= 1 && len <= 3 && *value <= 255;
}

static bool parse_name(uint32_t *value, const char *text, size_t len)
{
	const char *bright = "bright-";
	uint32_t first = 0;

	if (len > strlen(bright) && strncasecmp(text, bright, strlen(bright)) == 0) {
		text += strlen(bright);
		len -= strlen(bright);
		first = 8;
	}
	for (uint32_t i = 0; i < KL_LENGTH(color_names); i++) {
		if (strlen(color_names[i]) == len && strncasecmp(color_names[i], text, len) == 0) {
			*value = first + i;
			return true;
		}
	}
	return false;
}

bool color_parse(struct color *out, const char *text, size_t len)
{
	uint32_t value;

	if (len == strlen("default") && strncasecmp(text, "default", len) == 0)
		*out = (struct color){ COLOR_DEFAULT, 0 };
	else if (len > 0 && text[0] == '#' && parse_hex(&value, text + 1, len - 1))
		*out = (struct color){ COLOR_RGB, value };
	else if (parse_number(&value, text, len) || parse_name(&value, text, len))
		*out = (struct color){ COLOR_INDEX, value };
	else
		return false;
	return true;
}

/* ---- distances ------------------------------------------------------------------------------------------------- */

static double linear(uint32_t channel)
{
	double value = channel / 255.0;

	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static struct lab lab_of(uint32_t rgb)
{
	double r = linear(rgb >> 16 & 255), g = linear(rgb >> 8 & 255), b = linear(rgb & 255);
	double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

	return (struct lab){
		0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
		1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
	};
}

static double distance(struct lab x, struct lab y)
{
	double l = x.l - y.l, a = x.a - y.a, b = x.b - y.b;

	return l * l + 2 * (a * a + b * b); /* a hue lost is worse than a shade lost */
}

static uint32_t palette_rgb(uint32_t index)
{
	static const uint32_t steps[] = { 0, 95, 135, 175, 215, 255 };
	uint32_t grey;

	if (index < 16)
		return base_colors[index];
	if (index < 232) {
		index -= 16;
		return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
	}
	grey = 8 + 10 * (index - 232);
	return grey << 16 | grey << 8 | grey;
}

static uint32_t rgb_of(struct color color)
{
	return color.kind == COLOR_INDEX ? palette_rgb(color.value) : color.value;
}

void palette_init(struct palette *palette, enum color_depth depth)
{
	palette->depth = depth;
	palette->first = depth == DEPTH_256 ? 16 : 0;
	palette->count = depth == DEPTH_8 ? 8 : depth == DEPTH_16 ? 16 : depth == DEPTH_256 ? 256 : 0;
	for (uint32_t i = palette->first; i < palette->count; i++)
		palette->labs[i] = lab_of(palette_rgb(i));
}

struct color palette_nearest(const struct palette *palette, struct color color)
{
	uint32_t best = palette->first;
	double least = INFINITY;
	struct lab wanted;

	if (color.kind < COLOR_INDEX || palette->depth == DEPTH_RGB)
		return color;
	if (palette->depth == DEPTH_MONO)
		return (struct color){ COLOR_DEFAULT, 0 };
	if (color.kind == COLOR_INDEX && color.value < palette->count)
		return color;
	wanted = lab_of(rgb_of(color));
	for (uint32_t i = palette->first; i < palette->count; i++) {
		double far = distance(wanted, palette->labs[i]);

		if (far < least) {
			least = far;
			best = i;
		}
	}
	return (struct color){ COLOR_INDEX, best };
}

bool color_differs(struct color a, struct color b)
{
	if (a.kind < COLOR_INDEX || b.kind < COLOR_INDEX)
		return false;
	return distance(lab_of(rgb_of(a)), lab_of(rgb_of(b))) > 0.01;
}

struct color color_readable(struct color fg, struct color bg, enum color_depth depth)
{
	struct lab ink, paper;

	if (fg.kind < COLOR_INDEX || bg.kind < COLOR_INDEX || (depth != DEPTH_8 && depth != DEPTH_16))
		return fg; /* with many colours a theme means what it says */
	ink = lab_of(rgb_of(fg));
	paper = lab_of(rgb_of(bg));
	if (fabs(ink.l - paper.l) >= 0.2)
		return fg;
	return (struct color){ COLOR_INDEX, paper.l > 0.6 ? 0 : 7 };
}
