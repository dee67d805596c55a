/** As the Admin API writes and takes moments: whole seconds, it keeps no more. */
export function rfc3339(at: Date): string {
	return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** For an input of the kind datetime-local, by this place's clock; '' where it is no moment. */
export function localOf(text: string): string {
	const at = new Date(text);
	if (Number.isNaN(at.getTime())) return '';
	const two = (part: number) => String(part).padStart(2, '0');
	const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
	return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What such an input says; null where nothing whole stands in it. */
export function momentIn(local: string): Date | null {
	const at = new Date(local);
	return Number.isNaN(at.getTime()) ? null : at;
}
