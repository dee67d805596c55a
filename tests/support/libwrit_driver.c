/* driver CATALOGUE JWKS: asks libwrit what each line of standard input says, and answers each with one line. Fields are separated by tabs.
 *   decide METHOD TARGET [AUTHORIZATION]     VERDICT STATUS ERROR ACTOR SUBJECT CLIENT SCOPE ACTING_CLIENT OPERATION REQUIRED_SCOPE WWW_AUTHENTICATE DESCRIPTION
 *   token JTI UNTIL, grant GID UNTIL         the result
 *   catalogue FILE, keys FILE                the result, and the problem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <writ.h>

enum { LINE_MAX_SIZE = 1 << 17, FIELDS = 4 };

static char *read_file(const char *name, size_t *len)
{
	size_t size = 1 << 26;
	char *text = malloc(size);
	FILE *file = fopen(name, "rb");
	if (text == NULL || file == NULL)
		exit(3);
	*len = fread(text, 1, size, file);
	fclose(file);
	return text;
}

static const char *shown(const char *text)
{
	return text == NULL ? "" : text;
}

static void decide(struct writ *guard, char **fields)
{
	static struct writ_decision decision;
	const struct writ_call call = { .method = fields[1], .target = fields[2], .authorization = fields[3] };
	writ_decide(guard, &call, &decision);
	printf("%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", (int)decision.verdict, decision.status, decision.error, shown(decision.actor), shown(decision.subject),
	       shown(decision.client_id), shown(decision.scope), shown(decision.acting_client), shown(decision.operation), shown(decision.required_scope),
	       shown(decision.www_authenticate), decision.error_description);
}

static void load(struct writ *guard, char **fields)
{
	struct writ_problem problem = { "" };
	size_t len;
	char *text = read_file(fields[1], &len);
	int result = strcmp(fields[0], "keys") == 0 ? (int)writ_load_keys(guard, text, len, &problem) : (int)writ_load_catalogue(guard, text, len, &problem);
	printf("%d\t%s\n", result, problem.text);
	free(text);
}

static void run(struct writ *guard, char **fields)
{
	if (strcmp(fields[0], "decide") == 0)
		decide(guard, fields);
	else if (strcmp(fields[0], "token") == 0)
		printf("%d\n", (int)writ_token_revoked(guard, fields[1], strtoll(fields[2], NULL, 10)));
	else if (strcmp(fields[0], "grant") == 0)
		printf("%d\n", (int)writ_grant_revoked(guard, fields[1], strtoll(fields[2], NULL, 10)));
	else
		load(guard, fields);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char line[LINE_MAX_SIZE];
	struct writ_problem problem;
	struct writ *guard;
	size_t catalogue_len, jwks_len;
	if (argc != 3)
		return 2;
	char *catalogue = read_file(argv[1], &catalogue_len), *jwks = read_file(argv[2], &jwks_len);
	if (writ_open(catalogue, catalogue_len, jwks, jwks_len, &guard, &problem) != WRIT_OK) {
		fprintf(stderr, "%s\n", problem.text);
		return 1;
	}
	free(catalogue);
	free(jwks);
	while (fgets(line, sizeof line, stdin) != NULL) {
		char *fields[FIELDS] = { NULL }, *at = line;
		line[strcspn(line, "\n")] = '\0';
		for (int i = 0; i < FIELDS && at != NULL; i++) {
			fields[i] = at;
			at = strchr(at, '\t');
			if (at != NULL)
				*at++ = '\0';
		}
		run(guard, fields);
	}
	writ_close(guard);
	return 0;
}
