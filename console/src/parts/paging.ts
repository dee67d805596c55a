// Which page of a list is shown: all of it stands in the address, so that it can be linked, reloaded and gone back from.
import { useLocation, useNavigate, useSearchParams } from 'react-router';

interface Trail {
	/** The cursors of the pages before this one, the first page's being empty. */
	readonly before?: readonly string[];
}

export interface Paging {
	/** Of the address: cursor, search and the filters by their names; undefined where there is none. */
	readonly cursor: string | undefined;
	readonly search: string | undefined;
	readonly filter: (name: string) => string | undefined;
	/** Something is left out on purpose. */
	readonly narrowed: boolean;
	/** Back to the first page with another search or filter; '' takes it away. */
	readonly narrow: (name: string, value: string) => void;
	readonly page: number;
	readonly next: (cursor: string) => void;
	readonly previous: (() => void) | null;
	readonly first: (() => void) | null;
}

/** names: of the filters beside search. */
export function usePaging(names: readonly string[] = []): Paging {
	const [parameters, setParameters] = useSearchParams();
	const navigate = useNavigate();
	const location = useLocation();
	const before = (location.state as Trail | null)?.before ?? [];
	const cursor = parameters.get('cursor') ?? undefined;

	function go(to: string | undefined, trail: readonly string[]) {
		const next = new URLSearchParams(parameters);
		if (to === undefined || to === '') next.delete('cursor');
		else next.set('cursor', to);
		setParameters(next, { state: { before: trail } satisfies Trail });
	}

	return {
		cursor,
		search: parameters.get('search') ?? undefined,
		filter: (name) => parameters.get(name) ?? undefined,
		narrowed: ['search', ...names].some((name) => parameters.has(name)),
		narrow: (name, value) => {
			const next = new URLSearchParams(parameters);
			next.delete('cursor');
			if (value === '') next.delete(name);
			else next.set(name, value);
			setParameters(next, { replace: name === 'search' });
		},
		page: before.length + 1,
		next: (to) => go(to, [...before, cursor ?? '']),
		previous: before.length > 0 ? () => void navigate(-1) : null,
		first: cursor === undefined ? null : () => go(undefined, []),
	};
}
