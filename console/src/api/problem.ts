// What the Admin API answers when it does not do what was asked (RFC 9457), and where in a form each sentence belongs.
import type { components } from './schema';

type ProblemBody = components['schemas']['Problem'];

/** Sentences by JSON pointer: "/redirect_urls/0" → "…". Without a pointer: of the whole. */
export type FieldErrors = Readonly<Record<string, string>>;

const words: Record<number, string> = {
	403: 'You may not do that.',
	404: 'There is no such object.',
	412: 'Somebody else changed it meanwhile.',
	413: 'That is too much at once.',
	503: 'The server cannot do that at the moment. Try again in a few seconds.',
};

function isProblem(value: unknown): value is ProblemBody {
	return typeof value === 'object' && value !== null && 'title' in value && 'detail' in value;
}

export class Problem extends Error {
	override readonly name = 'Problem';

	constructor(
		readonly status: number,
		readonly title: string,
		readonly detail: string,
		readonly fields: FieldErrors,
		readonly requestId: string | null,
		/** A page that explains this kind of problem. */
		readonly page: string | null,
	) {
		super(detail);
	}

	static of(response: Response, body: unknown): Problem {
		const requestId = response.headers.get('X-Request-Id');
		if (isProblem(body)) return new Problem(response.status, body.title, body.detail, fieldErrors(body), requestId, webPage(body.type));
		const sentence = words[response.status] ?? `The server answered ${response.status}.`;
		return new Problem(response.status, 'The server refused', sentence, {}, requestId, null);
	}

	static unreachable(): Problem {
		return new Problem(0, 'No connection', 'The server cannot be reached. Look whether it runs and whether you are connected, then try again.', {}, null, null);
	}

	/** No browser can send an address with such a name in it. */
	static dots(name: string): Problem {
		const sentence = `No browser sends an address in which an object is called “${name}”. Delete it with a program that does (curl --path-as-is), and make one of another name.`;
		return new Problem(400, 'A name that browsers do not send', sentence, {}, null, null);
	}

	/** It may go well without anything being changed. */
	get passing(): boolean {
		return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
	}

	/** Asking once more may lead to another answer; of what is not there, or nobody may see, it does not. */
	get again(): boolean {
		return this.status === 0 || this.status >= 429;
	}
}

function webPage(type: string): string | null {
	return /^https?:\/\//.test(type) ? type : null;
}

function fieldErrors(body: Pick<ProblemBody, 'errors'>): FieldErrors {
	const fields: Record<string, string> = {};
	for (const { pointer, parameter, detail } of body.errors ?? []) {
		const at = pointer ?? (parameter === undefined ? '' : `?${parameter}`);
		fields[at] = at in fields ? `${fields[at] ?? ''} ${detail}` : detail;
	}
	return fields;
}

/** The member of the object that a pointer is about: "redirect_urls" of "/redirect_urls/0". */
export function memberOf(pointer: string): string {
	return (pointer.split('/')[1] ?? '').replace(/~1/g, '/').replace(/~0/g, '~');
}

/** Whatever was thrown, as a problem that can be shown. */
export function problemOf(error: unknown): Problem {
	if (error instanceof Problem) return error;
	return new Problem(0, 'Something went wrong', error instanceof Error ? error.message : String(error), {}, null, null);
}
