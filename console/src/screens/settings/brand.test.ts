import { expect, test } from 'vitest';

import { colorFull, colorParsed, contrast, groundsOf } from './brand';

test('a colour is #rgb or #rrggbb and nothing else', () => {
	expect(colorParsed('#0b5fff')).toEqual([11, 95, 255]);
	expect(colorParsed('#0Bf')).toEqual([0, 187, 255]);
	for (const wrong of [null, '', '#12', '#12345', 'red', '#0b5fff;', 'x#0b5fff']) expect(colorParsed(wrong)).toBeNull();
	expect(colorFull('#0bf')).toBe('#00bbff');
	expect(colorFull('nonsense')).toBe('#0f6a70');
});

const rgb = (css: string) => (css.match(/\d+/g) ?? []).map(Number) as unknown as readonly [number, number, number];

test('what stands on a colour, and what is written in it, can be read, light and dark', () => {
	for (const color of ['#ffffff', '#000000', '#f2b705', '#0b5fff', '#808080', null])
		for (const ground of groundsOf(color)) {
			expect(contrast(rgb(ground.onAccent), rgb(ground.accent))).toBeGreaterThanOrEqual(4.5);
			expect(contrast(rgb(ground.accentInk), rgb(ground.card))).toBeGreaterThanOrEqual(4.5);
			expect(contrast(rgb(ground.accentInk), rgb(ground.behind))).toBeGreaterThanOrEqual(4.5);
		}
});
