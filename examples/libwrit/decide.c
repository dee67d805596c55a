/* May this call be made?   decide CATALOGUE JWKS METHOD TARGET < TOKEN
 * Built by:                cc decide.c $(pkg-config --cflags --libs writ) -o decide */
#include <stdio.h>
#include <writ.h>

static size_t read_file(const char *name, char *text, size_t size)
{
	FILE *file = fopen(name, "rb");
	size_t len = file == NULL ? 0 : fread(text, 1, size, file);
	return file == NULL || fclose(file) != 0 ? 0 : len;
}

int main(int argc, char **argv)
{
	static char catalogue[1 << 20], jwks[1 << 16], header[16400] = "Bearer ";
	static struct writ_decision decision; /* 40 KiB: rather not on a small stack */
	struct writ_problem problem;
	struct writ *guard;
	if (argc != 5 || scanf("%16384s", header + 7) != 1)
		return fprintf(stderr, "usage: decide CATALOGUE JWKS METHOD TARGET < TOKEN\n"), 2;
	if (writ_open(catalogue, read_file(argv[1], catalogue, sizeof catalogue), jwks, read_file(argv[2], jwks, sizeof jwks), &guard, &problem) != WRIT_OK)
		return fprintf(stderr, "decide: %s\n", problem.text), 2;
	struct writ_call call = { .method = argv[3], .target = argv[4], .authorization = header };
	if (writ_decide(guard, &call, &decision) == WRIT_ALLOWED)
		printf("%s may: %s\n", decision.subject, decision.operation);
	else
		printf("%d %s\n", decision.status, decision.error_description);
	writ_close(guard);
	return decision.verdict == WRIT_ALLOWED ? 0 : 1;
}
