import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

/**
 * What is between the school and Stripe: one secret, `{ secretKey, webhookSecret }`, that an operator fills in. Until
 * then its webhook secret is one that nobody knows, so that nobody can sign, and its key one that Stripe refuses.
 */
export class Payments extends Construct {
  readonly secret: Secret;
  /** Of every function with `pays`. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(scope: Construct) {
    super(scope, 'Payments');
    this.secret = new Secret(this, 'Secret', {
      description: "Stripe's secret key and the signing secret of its webhook",
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ secretKey: 'sk_not_filled_in' }),
        generateStringKey: 'webhookSecret',
        passwordLength: 64,
        excludePunctuation: true,
      },
      // What an operator filled in nobody else knows.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.environment = {
      PAYMENT_SECRET_ARN: this.secret.secretArn,
      STRIPE_API_URL: 'https://api.stripe.com',
    };
  }

  /** Lets a function read this secret, and no other. */
  readStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [this.secret.secretArn],
    });
  }
}
