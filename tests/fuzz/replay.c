/* Runs a fuzzer's seeds without the fuzzing engine, so that every test run and every compiler replays them.
 * replay DIRECTORY: 0 when all were replayed, 1 when there is none or one cannot be read. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define SEED_SIZE_MAX (4 * 1024 * 1024)
#define PATH_SIZE_MAX 4096

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return 1;
	uint8_t *bytes = malloc(SEED_SIZE_MAX);
	int failed = 1;
	if (bytes != NULL) {
		size_t size = fread(bytes, 1, SEED_SIZE_MAX, file);
		/* exactly as large as the seed, so that the sanitizer sees one byte too far */
		uint8_t *exact = malloc(size == 0 ? 1 : size);
		if (exact != NULL && ferror(file) == 0) {
			memcpy(exact, bytes, size);
			LLVMFuzzerTestOneInput(exact, size);
			failed = 0;
		}
		free(exact);
	}
	free(bytes);
	fclose(file);
	return failed;
}

int main(int argc, char **argv)
{
	DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
	if (directory == NULL) {
		fprintf(stderr, "usage: replay DIRECTORY\n");
		return 1;
	}
	int count = 0;
	int failures = 0;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
		if (entry->d_name[0] == '.')
			continue;
		char path[PATH_SIZE_MAX];
		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		count++;
		failures += replay_file(path);
	}
	closedir(directory);
	printf("%d seeds, %d unread\n", count, failures);
	return count == 0 || failures > 0;
}
