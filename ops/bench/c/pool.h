// SPDX-License-Identifier: Apache-2.0
// MD5, SHA-1, SHA-256 and SHA-512 of one stream on two threads: each takes the next buffer of the
// digest that is furthest behind.
#ifndef IMPRIMATUR_BENCH_POOL_H
#define IMPRIMATUR_BENCH_POOL_H

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFERS = 8, BUFFER_SIZE = 1 << 20, DIGESTS = 4 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[2];
    unsigned char *buffers[BUFFERS];
    size_t lengths[BUFFERS], filled;
    long given, done[DIGESTS];
    int busy[DIGESTS], ended;
    EVP_MD_CTX *states[DIGESTS];
};

static void *pool_work(void *argument) {
    struct pool *p = argument;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        int next = -1;
        for (int d = 0; d < DIGESTS; d++)
            if (!p->busy[d] && p->done[d] < p->given && (next < 0 || p->done[d] < p->done[next]))
                next = d;
        if (next < 0) {
            if (p->ended) break;
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        int slot = p->done[next] % BUFFERS;
        p->busy[next] = 1;
        pthread_mutex_unlock(&p->lock);
        EVP_DigestUpdate(p->states[next], p->buffers[slot], p->lengths[slot]);
        pthread_mutex_lock(&p->lock);
        p->busy[next] = 0;
        p->done[next]++;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static long pool_slowest(struct pool *p) {
    long least = p->done[0];
    for (int d = 1; d < DIGESTS; d++)
        if (p->done[d] < least) least = p->done[d];
    return least;
}

static void pool_start(struct pool *p) {
    memset(p, 0, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    const EVP_MD *kinds[DIGESTS] = {EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha512()};
    for (int d = 0; d < DIGESTS; d++) {
        p->states[d] = EVP_MD_CTX_new();
        EVP_DigestInit_ex(p->states[d], kinds[d], NULL);
    }
    for (int i = 0; i < BUFFERS; i++) p->buffers[i] = malloc(BUFFER_SIZE);
    for (int t = 0; t < 2; t++) pthread_create(&p->threads[t], NULL, pool_work, p);
}

// The buffer to fill next; waits until every digest is done with what it held.
static unsigned char *pool_buffer(struct pool *p) {
    pthread_mutex_lock(&p->lock);
    while (p->given - pool_slowest(p) >= BUFFERS) pthread_cond_wait(&p->changed, &p->lock);
    unsigned char *buffer = p->buffers[p->given % BUFFERS];
    pthread_mutex_unlock(&p->lock);
    return buffer;
}

static void pool_give(struct pool *p, size_t length) {
    pthread_mutex_lock(&p->lock);
    p->lengths[p->given % BUFFERS] = length;
    p->given++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void pool_finish(struct pool *p) {
    pthread_mutex_lock(&p->lock);
    p->ended = 1;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    for (int t = 0; t < 2; t++) pthread_join(p->threads[t], NULL);
    for (int d = 0; d < DIGESTS; d++) {
        unsigned char value[EVP_MAX_MD_SIZE];
        unsigned length;
        EVP_DigestFinal_ex(p->states[d], value, &length);
    }
}

#endif
