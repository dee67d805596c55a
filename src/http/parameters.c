#include "base/text.h"
#include "http/form.h"
#include "http/parameter_label.h"

#include <stdio.h>

#define NAME_IN_SENTENCE 60

const char *parameter_label(struct slice name, char label[PARAMETER_LABEL_SIZE])
{
	bool plain = name.len > 0 && name.len <= NAME_IN_SENTENCE && text_is_printable_ascii(name) &&
	             memchr(name.ptr, '"', name.len) == NULL && memchr(name.ptr, '\\', name.len) == NULL;
	if (plain)
		snprintf(label, PARAMETER_LABEL_SIZE, "The parameter %.*s", SLICE_ARGS(name));
	else
		snprintf(label, PARAMETER_LABEL_SIZE, "A parameter");
	return label;
}

static const struct parameter_rule *rule_find(const struct parameter_rule *rules, size_t count, unsigned place,
                                              struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if ((rules[i].places & place) != 0 && slice_equal(rules[i].name, name))
			return &rules[i];
	return NULL;
}

static bool came_before(const struct form *form, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (slice_equal(form->fields[i].name, form->fields[index].name))
			return true;
	return false;
}

enum result parameters_read(const struct parameter_rule *rules, size_t rule_count, unsigned place, const struct form *form,
                            void *target, struct problem *problem)
{
	char label[PARAMETER_LABEL_SIZE];
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];
		const struct parameter_rule *rule = rule_find(rules, rule_count, place, field->name);
		if (rule != NULL && rule->offset == PARAMETER_MAY_REPEAT)
			continue;
		if (came_before(form, i))
			return problem_set(problem, RESULT_INVALID, "%s is given twice: send it once.", parameter_label(field->name, label));
		if (rule == NULL || field->value.len == 0)
			continue;
		if (field->value.len > rule->size_max)
			return problem_set(problem, RESULT_TOO_LARGE, "%s is longer than %zu bytes: shorten it.",
			                   parameter_label(field->name, label), rule->size_max);
		memcpy((char *)target + rule->offset, &field->value, sizeof field->value);
	}
	return RESULT_OK;
}
