/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * emit_scenes [LOCALE]: JSON of every kind the emit room makes, one object a
 * line, for json_schema.sh: a tick and a verdict of each scene.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/make_scene.h"

static void print(struct scene *scene)
{
	fputs(scene_json(scene), stdout);
	emit_verdict_json(&scene->out, &scene->snap, &scene->model);
	fputs(scene_take(scene), stdout);
	scene_done(scene);
}

static void print_states(enum fact_state state)
{
	struct scene scene;
	scene_make(&scene);
	scene_set_states(&scene, state);
	scene.model.rates.known = scene.model.rates.cpu_known = false;
	scene.model.ranking.totalpages = 0;
	print(&scene);
}

static void print_action(enum verdict_action action)
{
	struct scene scene;
	scene_make(&scene);
	scene.model.verdict.action = action;
	print(&scene);
}

static void print_ineligible(enum eligibility eligibility)
{
	struct scene scene;
	scene_make(&scene);
	for (uint32_t i = 0; i < scene.snap.ntasks; i++)
		scene.candidates[i] = (struct candidate){ .eligibility = eligibility };
	print(&scene);
}

static void print_extremes(void)
{
	struct scene scene;
	scene_make(&scene);
	for (unsigned fact = 0; fact < SYS__COUNT; fact++)
		make_fact(&scene.snap, (enum sys_fact)fact, UINT64_MAX);
	made_task(&scene.snap, 1804)->start_ticks = UINT64_MAX;
	made_task(&scene.snap, 1804)->virt_bytes = UINT64_MAX;
	scene.candidates[made_index(&scene.snap, 1804)].points = INT64_MIN;
	scene.snap.realtime_ns = INT64_MAX;
	scene_set_comm(&scene, 1804, TEXT("\x1b[2J\n\"\\\xff\x7f"));
	print(&scene);
}

int main(int argc, char **argv)
{
	struct scene scene;
	if (argc > 1 && !setlocale(LC_ALL, argv[1])) {
		fprintf(stderr, "emit_scenes: no locale %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	scene_make(&scene);
	print(&scene);
	scene_make_empty(&scene);
	print(&scene);
	for (enum fact_state state = FACT_UNKNOWN; state <= FACT_GONE; state++)
		print_states(state);
	for (unsigned action = 0; action < ACTION__COUNT; action++)
		print_action((enum verdict_action)action);
	for (unsigned eligibility = 0; eligibility < ELIGIBILITY__COUNT; eligibility++)
		print_ineligible((enum eligibility)eligibility);
	print_extremes();
	return EXIT_SUCCESS;
}
