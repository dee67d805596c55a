// A client secret that was shown on this application's pages, to be tried on them: in their memory, and gone when they are left.
import { useState } from 'react';

import type { Shown } from '../../parts/OneTimeSecret';

export interface Kept {
	readonly secret: Shown | null;
	readonly keep: (secret: Shown | null) => void;
}

export function useKept(): Kept {
	const [secret, keep] = useState<Shown | null>(null);
	return { secret, keep };
}
