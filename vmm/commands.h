/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of this program; those of the image tools are in image/commands.h. */
#ifndef VMM_COMMANDS_H
#define VMM_COMMANDS_H

/* Each: argv[0] is the verb's name; returns the exit status, enum exit_code. */
int cmd_run(int argc, char **argv);
int cmd_reset(int argc, char **argv);
int cmd_peek(int argc, char **argv);
int cmd_machine(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_wait(int argc, char **argv);
int cmd_inject(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

#endif
