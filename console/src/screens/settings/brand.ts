// A partition's colour as what a page needs of it: the rules of src/signin/page_brand.c, for the preview.
type Color = readonly [number, number, number];

export interface Ground {
	readonly label: string;
	readonly card: string;
	readonly behind: string;
	readonly ink: string;
	readonly edge: string;
	readonly accent: string;
	readonly onAccent: string;
	/** For links: moved until it can be read. */
	readonly accentInk: string;
}

const white: Color = [255, 255, 255];
const black: Color = [0, 0, 0];
const own: Color = [15, 106, 112];
const TEXT_CONTRAST = 4.5;
const STEPS = 32;

const looks: readonly { label: string; card: Color; behind: Color; toward: Color; tint: number; behindShare: number; ink: string; edge: string }[] = [
	{ label: 'Light', card: white, behind: [243, 244, 246], toward: black, tint: 0.06, behindShare: 0.04, ink: '#191d23', edge: '#7e8794' },
	{ label: 'Dark', card: [23, 26, 31], behind: [13, 15, 18], toward: white, tint: 0.1, behindShare: 0.05, ink: '#e9ecf0', edge: '#727b89' },
];

function luminance([r, g, b]: Color): number {
	const [red, green, blue] = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: Color, other: Color): number {
	const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

function mix(from: Color, to: Color, share: number): Color {
	return [0, 1, 2].map((i) => Math.round((from[i] ?? 0) + ((to[i] ?? 0) - (from[i] ?? 0)) * share)) as unknown as Color;
}

/** "#rgb" or "#rrggbb"; anything else is no colour. */
export function colorParsed(text: string | null): Color | null {
	const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text ?? '')?.[1];
	if (digits === undefined) return null;
	const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
	return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as unknown as Color;
}

/** As "#rrggbb", which is all that a colour field of the browser takes. */
export function colorFull(text: string | null): string {
	return `#${(colorParsed(text) ?? own).map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function css([r, g, b]: Color): string {
	return `rgb(${r} ${g} ${b})`;
}

function readable(color: Color, toward: Color, grounds: readonly Color[]): Color {
	for (let step = 0; step < STEPS; step++) {
		const moved = mix(color, toward, step / STEPS);
		if (grounds.every((ground) => contrast(moved, ground) >= TEXT_CONTRAST)) return moved;
	}
	return toward;
}

export function groundsOf(color: string | null): readonly Ground[] {
	const accent = colorParsed(color) ?? own;
	return looks.map(({ label, card, behind, toward, tint, behindShare, ink, edge }) => {
		const around = mix(behind, accent, behindShare);
		return {
			label,
			card: css(card),
			behind: css(around),
			ink,
			edge,
			accent: css(accent),
			onAccent: css(contrast(white, accent) >= TEXT_CONTRAST ? white : black),
			accentInk: css(readable(accent, toward, [card, mix(card, accent, tint), around])),
		};
	});
}
