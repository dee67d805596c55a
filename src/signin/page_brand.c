/* A partition's colour as what a page needs of it: something to write on it, and shades of it that can be read on our own
 * grounds, light and dark. Contrast as WCAG 2.1 defines it (relative luminance, contrast ratio). */
#include "signin/page.h"

#include "base/text.h"

#include <math.h>
#include <stdint.h>

#define TEXT_CONTRAST 4.5 /* WCAG 2.1, 1.4.3 AA */
#define EDGE_CONTRAST 3.0 /* 1.4.11 */
#define STEPS 32

struct color {
	uint8_t r, g, b;
};

/* One of our two looks: what a page is made of without any brand. pages/style.css has the same values. */
struct ground {
	struct color card;   /* what text stands on */
	struct color behind; /* around the card */
	struct color toward; /* where a colour goes to be readable here */
	double card_share, behind_share; /* how much of the accent tints them */
};

static const struct color white = { 255, 255, 255 }, black = { 0, 0, 0 };
static const struct ground light = { { 255, 255, 255 }, { 243, 244, 246 }, { 0, 0, 0 }, 0.06, 0.04 };
static const struct ground dark = { { 23, 26, 31 }, { 13, 15, 18 }, { 255, 255, 255 }, 0.10, 0.05 };

static double channel_luminance(uint8_t value)
{
	double share = value / 255.0;
	return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

static double luminance(struct color color)
{
	return 0.2126 * channel_luminance(color.r) + 0.7152 * channel_luminance(color.g) + 0.0722 * channel_luminance(color.b);
}

static double contrast(struct color one, struct color other)
{
	double a = luminance(one), b = luminance(other);
	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static uint8_t mix_channel(uint8_t from, uint8_t to, double share)
{
	return (uint8_t)lround(from + (to - from) * share);
}

static struct color mix(struct color from, struct color to, double share)
{
	return (struct color) { mix_channel(from.r, to.r, share), mix_channel(from.g, to.g, share), mix_channel(from.b, to.b, share) };
}

/* The colour, moved no further than needed until it stands out from all grounds. */
static struct color readable(struct color color, struct color toward, double least, const struct color *grounds, size_t count)
{
	for (int step = 0; step < STEPS; step++) {
		struct color moved = mix(color, toward, (double)step / STEPS);
		size_t good = 0;
		while (good < count && contrast(moved, grounds[good]) >= least)
			good++;
		if (good == count)
			return moved;
	}
	return toward;
}

static int hex_digit(char c)
{
	c = text_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "#rgb" or "#rrggbb", and nothing else, whatever the store says: it goes into a stylesheet. */
static bool color_parse(struct slice text, struct color *ret)
{
	if ((text.len != 4 && text.len != 7) || text.ptr[0] != '#')
		return false;
	uint8_t channels[3];
	size_t width = text.len == 4 ? 1 : 2;
	for (size_t i = 0; i < 3; i++) {
		int high = hex_digit(text.ptr[1 + i * width]), low = hex_digit(text.ptr[i * width + width]);
		if (high < 0 || low < 0)
			return false;
		channels[i] = (uint8_t)(high * 16 + low);
	}
	*ret = (struct color) { channels[0], channels[1], channels[2] };
	return true;
}

static void put_color(struct writer *out, const char *name, struct color color)
{
	writer_print(out, "--%s:#%02x%02x%02x;", name, color.r, color.g, color.b);
}

/* Black or white, whichever is read better; one of them always has at least 4.58. White wins a near draw: it is what
 * people expect on a strong colour. */
static struct color ink_on(struct color accent)
{
	return contrast(white, accent) >= TEXT_CONTRAST ? white : black;
}

static void put_ground(struct writer *out, const struct ground *ground, struct color accent)
{
	const struct color on = ink_on(accent);
	const struct color hover = mix(accent, on.r == 0 ? white : black, 0.14);
	const struct color grounds[] = { ground->card, mix(ground->card, accent, ground->card_share), mix(ground->behind, accent, ground->behind_share) };
	writer_text(out, ":root{");
	put_color(out, "behind", grounds[2]);
	put_color(out, "tint", grounds[1]);
	put_color(out, "accent", accent);
	put_color(out, "accent-hover", hover);
	put_color(out, "on-accent", on);
	put_color(out, "accent-edge", readable(accent, ground->toward, EDGE_CONTRAST, grounds, 3));
	put_color(out, "accent-ink", readable(accent, ground->toward, TEXT_CONTRAST, grounds, 3));
	writer_text(out, "}");
}

void page_brand_style(struct http_request *request, struct http_reply *reply, const struct partition *partition)
{
	struct writer style = writer_new(request->arena, 512);
	struct color accent;
	if (partition != NULL && color_parse(partition->branding_color, &accent)) {
		put_ground(&style, &light, accent);
		writer_text(&style, "\n@media (prefers-color-scheme:dark){");
		put_ground(&style, &dark, accent);
		writer_text(&style, "}\n");
	}
	reply->content_type = SLICE_OF("text/css; charset=utf-8");
	reply->body = writer_ok(&style) ? writer_slice(&style) : (struct slice) { NULL, 0 };
	http_reply_header(reply, "Cache-Control", SLICE_OF("public, max-age=300"));
}
