-- AlterEnum
ALTER TYPE "Kind" ADD VALUE 'C';
