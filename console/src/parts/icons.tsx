// The few pictures that the console has, drawn with the colour of the text beside them; never alone without a name.
import type { SVGProps } from 'react';

const paths = {
	add: 'M12 5v14M5 12h14',
	back: 'M15 5l-7 7 7 7',
	forward: 'M9 5l7 7-7 7',
	first: 'M18 5l-7 7 7 7M7 5v14',
	check: 'M5 13l4 4L19 7',
	copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
	cross: 'M6 6l12 12M18 6L6 18',
	down: 'M6 9l6 6 6-6',
	eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 100 6 3 3 0 000-6z',
	key: 'M14 10a5 5 0 11-2-4M12 10h9v4M17 10v3',
	moon: 'M20 14A8 8 0 0110 4a8 8 0 1010 10z',
	open: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
	person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 4-6 8-6s8 2 8 6',
	search: 'M10 4a6 6 0 100 12 6 6 0 000-12zM20 20l-5.5-5.5',
	sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5',
	system: 'M3 5h18v11H3zM8 20h8M12 16v4',
	trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6',
	warning: 'M12 3l10 18H2zM12 10v5M12 18v.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18, ...rest }: { name: IconName; size?: number } & SVGProps<SVGSVGElement>) {
	return (
		<svg viewBox="0 0 24 24" style={{ width: `${size / 16}rem`, height: `${size / 16}rem` }} fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round" strokeLinejoin="round" aria-hidden {...rest}>
			<path d={paths[name]} />
		</svg>
	);
}
