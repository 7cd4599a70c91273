-- CreateTable
CREATE TABLE "Kinds" (
    "id" INTEGER NOT NULL,
    "a" SMALLINT NOT NULL,
    "b" BIGINT NOT NULL,
    "c" DECIMAL(8,3) NOT NULL,
    "d" REAL NOT NULL,
    "e" BOOLEAN NOT NULL,
    "f" DATE NOT NULL,
    "g" TIME(3) NOT NULL,
    "h" TIMETZ(6) NOT NULL,
    "i" TIMESTAMPTZ(0) NOT NULL,
    "j" JSONB NOT NULL,
    "k" JSON NOT NULL,
    "l" BYTEA NOT NULL,
    "m" UUID NOT NULL,
    "n" INET NOT NULL,
    "o" BIT(4) NOT NULL,
    "p" VARBIT(8) NOT NULL,
    "q" XML NOT NULL,
    "r" CHAR(2) NOT NULL,
    "s" MONEY NOT NULL,
    "t" OID NOT NULL,

    CONSTRAINT "Kinds_pkey" PRIMARY KEY ("id")
);
