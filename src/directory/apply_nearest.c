#include "directory/apply_nearest.h"

#include "base/text.h"

/* Letters to add, remove or change to make a of b; both at most NEAREST_SIZE long. */
static size_t distance(struct slice a, struct slice b)
{
	size_t row[NEAREST_SIZE + 1];
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best = diagonal + (text_lower(a.ptr[i - 1]) != text_lower(b.ptr[j - 1]));
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len];
}

struct nearest nearest_to(struct slice typed)
{
	return (struct nearest) { .typed = typed, .distance = typed.len / 3 + 2 };
}

void nearest_offer(struct nearest *nearest, struct slice name)
{
	if (nearest->typed.len > NEAREST_SIZE || name.len > NEAREST_SIZE)
		return;
	size_t letters = distance(nearest->typed, name);
	if (letters < nearest->distance) {
		nearest->distance = letters;
		nearest->name = name;
	}
}
