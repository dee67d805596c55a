/* What writ apply says: the differences, kept in a temporary file until it is sure that they came true; the secrets that
 * were made; the progress of long imports. */
#ifndef WRIT_CLI_APPLY_REPORT_H
#define WRIT_CLI_APPLY_REPORT_H

#include "base/writer.h"
#include "directory/apply.h"

#include <stdio.h>

enum { APPLY_KINDS = 8 };

struct apply_report {
	bool json, quiet, verbose, dry_run;
	bool progress_shown; /* a bar stands on the terminal */
	int64_t size;        /* of the document, for the bar; 0: no bar */
	int percent;
	FILE *differences; /* one line each */
	FILE *secrets;
	FILE *apis, *scopes; /* one line each: what was read of APIs, and scopes that are no permissions */
	int64_t api_count, scope_count;
	bool scopes_added;
	int64_t lines;
	int64_t secret_count;
	int64_t counts[3][APPLY_KINDS]; /* added, changed, deleted by kind */
	struct arena *arena;            /* one line */
	bool failed;                    /* a temporary file cannot be written */
};

/* False when room for temporary files is out. */
bool apply_report_open(struct apply_report *);
void apply_report_close(struct apply_report *);

/* The functions of struct apply_options; context is the report. */
void apply_report_changed(void *report, const struct apply_change *);
void apply_report_secret(void *report, const struct apply_secret *);
void apply_report_warned(void *report, const char *sentence);
void apply_report_api(void *report, const struct apply_api *);
void apply_report_unknown_scope(void *report, const struct apply_unknown_scope *);
void apply_report_restarted(void *report);
void apply_report_progress(void *report, int64_t bytes, int64_t objects);
/* Takes the bar away. */
void apply_report_progress_end(struct apply_report *);

/* apply_report_apis.c: the part about APIs, in the form that the command asked for. False when a temporary file cannot be read. */
bool apply_report_apis_print(struct apply_report *);
/* Both of these begin anew when the apply does. */
bool apply_report_apis_open(struct apply_report *);
void apply_report_apis_restart(struct apply_report *);
void apply_report_apis_close(struct apply_report *);
/* All of a temporary file on stdout. */
bool apply_report_copy_out(FILE *);
void apply_report_line(struct apply_report *, FILE *, const struct writer *);

/* Prints it all on stdout. False when that cannot be written. */
bool apply_report_print(struct apply_report *, const struct apply_summary *);

#endif
