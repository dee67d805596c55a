import { useRef, useState } from 'react';

export interface Act {
	readonly busy: boolean;
	/** What it threw last; null: nothing, or it is being tried again. */
	readonly error: unknown;
	/** Does it, unless it is being done already; true when it went well. */
	readonly run: (act: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a click does: once at a time, and what went wrong with it. */
export function useAct(): Act {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const doing = useRef(false);

	async function run(act: () => Promise<unknown>): Promise<boolean> {
		if (doing.current) return false;
		doing.current = true;
		setBusy(true);
		setError(null);
		try {
			await act();
			return true;
		} catch (thrown) {
			setError(thrown);
			return false;
		} finally {
			doing.current = false;
			setBusy(false);
		}
	}

	return { busy, error, run };
}
