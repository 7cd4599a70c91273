/*
  Warnings:

  - You are about to drop the column `the_note` on the `tags` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "tags" DROP COLUMN "the_note";
