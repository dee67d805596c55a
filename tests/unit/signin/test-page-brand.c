#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signin/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(16 * 1024, 16 * 1024 * 1024);
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct slice style_of(const char *color)
{
	struct partition partition = { .branding_color = slice_from(color) };
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	page_brand_style(&request, &reply, &partition);
	assert_int_equal(reply.status, 200);
	return reply.body;
}

/* The value of --name in a rule, as three numbers; fails when it is not there. */
static void color_of(struct slice rule, const char *name, double channels[3])
{
	char wanted[40];
	int length = snprintf(wanted, sizeof wanted, "--%s:", name);
	const char *at = memmem(rule.ptr, rule.len, wanted, (size_t)length);
	if (at == NULL)
		fail_msg("no %s", wanted);
	at += length;
	at += strspn(at, " ");
	assert_true(at[0] == '#' && strspn(at + 1, "0123456789abcdef") == 6);
	char digits[7];
	memcpy(digits, at + 1, 6);
	digits[6] = '\0';
	unsigned long value = strtoul(digits, NULL, 16);
	channels[0] = (double)(value >> 16) / 255;
	channels[1] = (double)(value >> 8 & 255) / 255;
	channels[2] = (double)(value & 255) / 255;
}

/* WCAG 2.1, "relative luminance" and "contrast ratio", written down a second time. */
static double light_of(const double c[3])
{
	double sum = 0;
	static const double weight[3] = { 0.2126, 0.7152, 0.0722 };
	for (size_t i = 0; i < 3; i++)
		sum += weight[i] * (c[i] <= 0.04045 ? c[i] / 12.92 : pow((c[i] + 0.055) / 1.055, 2.4));
	return sum;
}

static double contrast_of(struct slice rule, const char *one, const char *other)
{
	double a[3], b[3];
	color_of(rule, one, a);
	color_of(rule, other, b);
	double x = light_of(a) + 0.05, y = light_of(b) + 0.05;
	return x > y ? x / y : y / x;
}

static void contrast_is_at_least(struct slice rule, const char *one, const char *other, double least, const char *of)
{
	double contrast = contrast_of(rule, one, other);
	if (contrast < least)
		fail_msg("%s: %s on %s has a contrast of %.2f", of, one, other, contrast);
}

static struct slice light_rule(struct slice style)
{
	const char *dark = memmem(style.ptr, style.len, "@media", 6);
	assert_non_null(dark);
	return slice_first(style, (size_t)(dark - style.ptr));
}

static struct slice dark_rule(struct slice style)
{
	return slice_skip(style, light_rule(style).len);
}

/* Our own part of the stylesheet under a brand's: what a browser makes of the two. */
static struct slice together(struct slice own, struct slice brand)
{
	return arena_print(arena, "%.*s%.*s", SLICE_ARGS(brand), SLICE_ARGS(own));
}

static void can_be_read(struct slice rule, const char *of)
{
	contrast_is_at_least(rule, "on-accent", "accent", 4.5, of);
	contrast_is_at_least(rule, "on-accent", "accent-hover", 4.5, of);
	static const char *const grounds[] = { "card", "tint", "behind" };
	for (size_t i = 0; i < 3; i++) {
		contrast_is_at_least(rule, "accent-ink", grounds[i], 4.5, of);
		contrast_is_at_least(rule, "accent-edge", grounds[i], 3, of);
		contrast_is_at_least(rule, "ink", grounds[i], 4.5, of);
		contrast_is_at_least(rule, "quiet", grounds[i], 4.5, of);
	}
	contrast_is_at_least(rule, "edge", "card", 3, of);
	contrast_is_at_least(rule, "ink", "problem-ground", 4.5, of);
	contrast_is_at_least(rule, "problem", "problem-ground", 3, of);
}

static struct slice own_light, own_dark;

static void read_own_style(void)
{
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	page_style(&request, &reply);
	const char *dark = memmem(reply.body.ptr, reply.body.len, "@media (prefers-color-scheme: dark) {", 37);
	assert_non_null(dark);
	own_light = slice_first(reply.body, (size_t)(dark - reply.body.ptr));
	own_dark = slice_skip(reply.body, own_light.len);
}

static void color_can_be_read(const char *color)
{
	struct slice style = style_of(color);
	can_be_read(together(own_light, light_rule(style)), color);
	can_be_read(together(own_dark, dark_rule(style)), color);
}

static void whatever_colour_a_partition_has_its_pages_can_be_read(void **state)
{
	(void)state;
	read_own_style();
	char color[8];
	for (unsigned r = 0; r <= 255; r += 17)
		for (unsigned g = 0; g <= 255; g += 17)
			for (unsigned b = 0; b <= 255; b += 17) {
				snprintf(color, sizeof color, "#%02x%02x%02x", r, g, b);
				color_can_be_read(color);
				arena_reset(arena);
			}
	for (unsigned grey = 0; grey <= 255; grey++) {
		snprintf(color, sizeof color, "#%02x%02x%02x", grey, grey, grey);
		color_can_be_read(color);
		arena_reset(arena);
	}
}

static void without_a_partitions_colour_pages_can_be_read_too(void **state)
{
	(void)state;
	read_own_style();
	can_be_read(own_light, "light");
	/* what dark does not set anew stays as it is in light */
	can_be_read(together(own_light, own_dark), "dark");
}

static void the_chosen_colour_is_kept_as_it_is(void **state)
{
	(void)state;
	struct slice style = style_of("#0B5fFf");
	assert_non_null(memmem(light_rule(style).ptr, light_rule(style).len, "--accent:#0b5fff;", 17));
	assert_non_null(memmem(dark_rule(style).ptr, dark_rule(style).len, "--accent:#0b5fff;", 17));
}

static void three_digits_mean_six(void **state)
{
	(void)state;
	assert_true(slice_equal(style_of("#1fA"), style_of("#11ffaa")));
}

static void what_is_no_colour_gives_an_empty_stylesheet(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "#", "red", "#12345", "#1234567", "#12345g", "#xyz", "0b5fff", "#0b5ff}", "#fff}body{display:none", "url(//x)", " #fff", "#ff\n", "#-12345",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(style_of(bad[i]).len, 0);
}

static void colours_are_kept_by_browsers_for_minutes(void **state)
{
	(void)state;
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	page_brand_style(&request, &reply, NULL);
	assert_int_equal(reply.body.len, 0);
	assert_true(slice_is(reply.content_type, "text/css; charset=utf-8"));
	assert_int_equal(reply.header_count, 1);
	assert_true(slice_is(reply.headers[0].name, "Cache-Control") && slice_is(reply.headers[0].value, "public, max-age=300"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_colour_a_partition_has_its_pages_can_be_read),
		cmocka_unit_test(without_a_partitions_colour_pages_can_be_read_too),
		cmocka_unit_test(the_chosen_colour_is_kept_as_it_is),
		cmocka_unit_test(three_digits_mean_six),
		cmocka_unit_test(what_is_no_colour_gives_an_empty_stylesheet),
		cmocka_unit_test(colours_are_kept_by_browsers_for_minutes),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
