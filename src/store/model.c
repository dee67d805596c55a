#include "store/model.h"

bool partition_id_parse(struct slice text, struct partition_id *ret)
{
	if (text.len == 0 || text.len > LIMIT_PARTITION_ID)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
		if (!good)
			return false;
	}
	memcpy(ret->text, text.ptr, text.len);
	ret->text[text.len] = '\0';
	ret->len = (unsigned char)text.len;
	return true;
}

bool realm_parse(struct slice text, struct realm *ret)
{
	if (text.len < 3 || text.ptr[text.len - 2] != '-')
		return false;
	char kind = text.ptr[text.len - 1];
	if (kind != PERSON_USER && kind != PERSON_CUSTOMER)
		return false;
	struct realm realm = { .kind = (enum person_kind)kind };
	if (!partition_id_parse(slice_first(text, text.len - 2), &realm.partition))
		return false;
	*ret = realm;
	return true;
}
