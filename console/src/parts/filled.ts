/** A new object without the members in which nothing stands: the server gives those their values. */
export function filled<T extends object>(value: T): T {
	const empty = (member: unknown) =>
		member === '' || member === null || member === undefined || (typeof member === 'object' && Object.keys(member).length === 0);
	return Object.fromEntries(Object.entries(value).filter(([, member]) => !empty(member))) as T;
}
