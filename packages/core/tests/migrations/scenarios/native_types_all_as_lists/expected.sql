-- CreateTable
CREATE TABLE "Kinds" (
    "id" INTEGER NOT NULL,
    "a" SMALLINT[],
    "b" BIGINT[],
    "c" DECIMAL(8,3)[],
    "d" REAL[],
    "e" BOOLEAN[],
    "f" DATE[],
    "g" TIME(3)[],
    "h" TIMETZ(6)[],
    "i" TIMESTAMPTZ(0)[],
    "j" JSONB[],
    "k" JSON[],
    "l" BYTEA[],
    "m" UUID[],
    "n" INET[],
    "o" BIT(4)[],
    "p" VARBIT(8)[],
    "r" CHAR(2)[],
    "s" MONEY[],
    "t" OID[],

    CONSTRAINT "Kinds_pkey" PRIMARY KEY ("id")
);
