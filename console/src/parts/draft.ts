// An object while it is edited: what was read, what it is to become, and where the server disagrees.
import { useState, type ChangeEvent } from 'react';

import type { Held } from '../api/client';
import { memberOf, type FieldErrors } from '../api/problem';

export function same(one: unknown, other: unknown): boolean {
	return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The members of value that differ from base: a merge patch. */
export function changesOf<T extends object>(base: T, value: T): Partial<T> {
	const changes: Partial<T> = {};
	for (const key of Object.keys(value) as (keyof T)[]) if (!same(base[key], value[key])) changes[key] = value[key];
	return changes;
}

type Key<T> = keyof T & string;

export class Draft<T extends object> {
	constructor(
		readonly value: T,
		readonly base: T,
		private readonly errors: FieldErrors,
		private readonly write: (change: Partial<T>) => void,
	) {}

	/** Nobody saved it yet: every member is new. */
	get changes(): Partial<T> {
		return changesOf(this.base, this.value);
	}

	get dirty(): boolean {
		return Object.keys(this.changes).length > 0;
	}

	set<K extends Key<T>>(key: K, value: T[K]): void {
		this.write({ [key]: value } as unknown as Partial<T>);
	}

	/** What the server says about the member, or about something in it ("/redirect_urls", "/redirect_urls/0"). */
	error(pointer: string): string | undefined {
		return this.errors[pointer];
	}

	private about(key: string): string | undefined {
		const sentences = Object.entries(this.errors).filter(([pointer]) => memberOf(pointer) === key).map(([, sentence]) => sentence);
		return sentences.length > 0 ? sentences.join(' ') : undefined;
	}

	/** Typed by words: drafts of several kinds of object that have a member in common share their fields. */
	private common(key: string) {
		return { name: key, id: `field-${key}`, 'data-testid': `field-${key}`, error: this.about(key) };
	}

	/** For TextInput, Textarea, PasswordInput. empty: what the member is when nothing is typed. */
	text(key: Key<T>, empty: '' | null = '') {
		return {
			...this.common(key),
			value: (this.value[key] ?? '') as string,
			onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
				this.set(key, (event.currentTarget.value === '' ? empty : event.currentTarget.value) as T[Key<T>]),
		};
	}

	/** For Checkbox and Switch. */
	flag(key: Key<T>) {
		return {
			...this.common(key),
			checked: this.value[key] === true,
			onChange: (event: ChangeEvent<HTMLInputElement>) => this.set(key, event.currentTarget.checked as T[Key<T>]),
		};
	}

	/** For NumberInput. */
	number(key: Key<T>) {
		return {
			...this.common(key),
			value: (this.value[key] ?? '') as number | '',
			onChange: (value: number | string) => this.set(key, (value === '' ? null : value) as T[Key<T>]),
		};
	}

	/** For Select, Radio.Group and SegmentedControl. */
	choice(key: Key<T>) {
		return {
			...this.common(key),
			value: (this.value[key] ?? null) as string | null,
			onChange: (value: string | null) => {
				if (value !== null) this.set(key, value as T[Key<T>]);
			},
		};
	}

	/** For ListField: a list of words, each with the sentence about it. */
	list(key: Key<T>) {
		const lines = (this.value[key] ?? []) as unknown as readonly string[];
		return {
			id: `field-${key}`,
			testId: `field-${key}`,
			value: lines,
			onChange: (value: readonly string[]) => this.set(key, value as unknown as T[Key<T>]),
			error: this.errors[`/${key}`],
			errors: lines.map((_, index) => this.errors[`/${key}/${index}`]),
		};
	}
}

interface State<T> {
	held: Held<T>;
	value: T;
	errors: FieldErrors;
}

interface DraftControl<T extends object> {
	readonly draft: Draft<T>;
	readonly held: Held<T>;
	/** The server's answer after saving, or what somebody else made of it: the new ground. keep: these changes go on top. */
	readonly rebase: (held: Held<T>, keep?: Partial<T>) => void;
	readonly refused: (errors: FieldErrors) => void;
	readonly discard: () => void;
}

/** held: as it was read last. It is taken over when it changes, unless something was typed: then saving finds out. */
export function useDraft<T extends object>(held: Held<T>): DraftControl<T> {
	const [state, setState] = useState<State<T>>({ held, value: held.value, errors: {} });
	const [seen, setSeen] = useState(held);
	if (seen !== held) {
		setSeen(held);
		if (same(state.value, state.held.value)) setState({ held, value: held.value, errors: {} });
	}
	const draft = new Draft<T>(state.value, state.held.value, state.errors, (change) =>
		setState((before) => {
			const touched = new Set(Object.keys(change));
			const errors = Object.fromEntries(Object.entries(before.errors).filter(([pointer]) => !touched.has(memberOf(pointer))));
			return { ...before, value: { ...before.value, ...change }, errors };
		}),
	);
	return {
		draft,
		held: state.held,
		rebase: (next, keep = {}) => setState({ held: next, value: { ...next.value, ...keep }, errors: {} }),
		refused: (errors) => setState((before) => ({ ...before, errors })),
		discard: () => setState((before) => ({ ...before, value: before.held.value, errors: {} })),
	};
}
