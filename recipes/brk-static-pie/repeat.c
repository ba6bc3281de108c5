/*
 * repeat COUNT PROGRAM [ARGUMENT...] - runs a program COUNT times, one after the other.
 *
 * A program that starts and ends in a few milliseconds is mostly cost of the shell; this loop
 * has none. It prints one line with what it counted.
 *
 * Exit: 0 every run ended with 0
 *       1 at least one run ended with 1
 *       2 no run ended with 1, but one ended in another way (other exit, signal)
 *       125 the program cannot be started, or the arguments are wrong
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
    char *rest = NULL;
    long count = argc >= 3 ? strtol(argv[1], &rest, 10) : 0;
    long hits = 0, others = 0, first_hit = 0;
    int last_other = 0;

    if (count <= 0 || *rest != '\0') {
        fprintf(stderr, "usage: repeat COUNT PROGRAM [ARGUMENT...]\n");
        return 125;
    }
    for (long run = 1; run <= count; run++) {
        pid_t child;
        int status;
        int error = posix_spawn(&child, argv[2], NULL, NULL, argv + 2, environ);

        if (error != 0) {
            fprintf(stderr, "repeat: cannot start %s: %s\n", argv[2], strerror(error));
            return 125;
        }
        while (waitpid(child, &status, 0) < 0) {
            if (errno != EINTR) {
                fprintf(stderr, "repeat: waitpid: %s\n", strerror(errno));
                return 125;
            }
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
            if (hits++ == 0)
                first_hit = run;
        } else if (status != 0) {
            others++;
            last_other = status;
        }
    }
    printf("runs=%ld hits=%ld first_hit=%ld others=%ld last_other_status=0x%x\n", count, hits,
           first_hit, others, last_other);
    return hits > 0 ? 1 : others > 0 ? 2 : 0;
}
