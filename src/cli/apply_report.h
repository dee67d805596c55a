/* What writ apply says: the differences, kept in a temporary file until it is sure that they came true; the secrets that
 * were made; the progress of long imports. */
#ifndef WRIT_CLI_APPLY_REPORT_H
#define WRIT_CLI_APPLY_REPORT_H

#include "directory/apply.h"

#include <stdio.h>

enum { APPLY_KINDS = 6 };

struct apply_report {
	bool json, quiet, verbose, dry_run;
	bool progress_shown; /* a bar stands on the terminal */
	int64_t size;        /* of the document, for the bar; 0: no bar */
	int percent;
	FILE *differences; /* one line each */
	FILE *secrets;
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
void apply_report_restarted(void *report);
void apply_report_progress(void *report, int64_t bytes, int64_t objects);
/* Takes the bar away. */
void apply_report_progress_end(struct apply_report *);

/* Prints it all on stdout. False when that cannot be written. */
bool apply_report_print(struct apply_report *, const struct apply_summary *);

#endif
