#include "cli/form_write.h"

void form_encode(struct writer *form, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
		if (plain)
			writer_byte(form, c);
		else if (c == ' ')
			writer_byte(form, '+');
		else
			writer_print(form, "%%%02X", (unsigned char)c);
	}
}

void form_put(struct writer *form, const char *name, struct slice value)
{
	if (form->len > 0)
		writer_byte(form, '&');
	writer_text(form, name);
	writer_byte(form, '=');
	form_encode(form, value);
}
